/** The server of the storm `night`: its limits change while it runs, and whoever is connected can be thrown out. */
import { connect, type NatsConnection } from "@nats-io/transport-node"
import type { NatsServer } from "../../nats-server.ts"
import { inspectorName } from "../inspector.ts"

export interface Limits {
  /** What the account may store, in bytes. */
  readonly file: number
  /** `max_payload`, in bytes. */
  readonly payload: number
}

export const usual: Limits = { file: 8 * 1024 ** 3, payload: 1024 ** 2 }

/** Everybody is `night`, and `operator` sees the server from inside. */
export const configurationOf = ({ file, payload }: Limits): string =>
  `max_payload: ${payload}
accounts {
  NIGHT { jetstream { max_mem: 64MB, max_file: ${file} }, users: [{ user: night, password: night }] }
  SYS { users: [{ user: operator, password: operator }] }
}
system_account: SYS
no_auth_user: night`

interface Answer<A> {
  readonly server: { readonly id: string }
  readonly data: A
}

/** Of the states of connections that can be asked for: 0 is open, 2 is all. */
const closedOnes = 1

export class Place {
  readonly #server: NatsServer
  readonly #operator: NatsConnection
  readonly #account: NatsConnection

  private constructor(server: NatsServer, operator: NatsConnection, account: NatsConnection) {
    this.#server = server
    this.#operator = operator
    this.#account = account
  }

  static async open(server: NatsServer): Promise<Place> {
    const lasting = { servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 }
    const operator = await connect({ ...lasting, user: "operator", pass: "operator" })
    return new Place(server, operator, await connect(lasting))
  }

  async close(): Promise<void> {
    await Promise.all([this.#operator.close(), this.#account.close()])
  }

  /** The limits that are not named are the usual ones. */
  limit(limits: Partial<Limits>): Promise<void> {
    return this.#server.reload(configurationOf({ ...usual, ...limits }))
  }

  /** What the account stores now, in bytes. */
  async stored(): Promise<number> {
    const answer = await this.#account.request("$JS.API.INFO", "", { timeout: 10_000 })
    return answer.json<{ readonly storage: number }>().storage
  }

  /** Closes every connection of the account; gives how many there were. */
  async kick(): Promise<number> {
    const { server, data } = await this.#ask<{
      readonly connections: ReadonlyArray<{
        readonly cid: number
        readonly authorized_user?: string
      }>
    }>("PING.CONNZ", { auth: true })
    const theirs = data.connections.filter(({ authorized_user: user }) => user === "night")
    for (const { cid } of theirs) await this.#ask(`${server.id}.KICK`, { cid })
    return theirs.length
  }

  /** How many connections of what is tested the server has closed because they did not read what they had asked for. */
  async slowConsumers(): Promise<number> {
    const { data } = await this.#ask<{
      readonly connections: ReadonlyArray<{ readonly name?: string; readonly reason?: string }>
    }>("PING.CONNZ", { state: closedOnes, limit: 10_000 })
    return data.connections.filter(
      ({ name, reason = "" }) => name !== inspectorName && reason.startsWith("Slow Consumer")
    ).length
  }

  async #ask<A>(what: string, request: object = {}): Promise<Answer<A>> {
    const answer = await this.#operator.request(
      `$SYS.REQ.SERVER.${what}`,
      JSON.stringify(request),
      {
        timeout: 5_000
      }
    )
    return answer.json<Answer<A>>()
  }
}
