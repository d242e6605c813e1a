/** Follows a connection's ups and downs, and tells a person about those that last. */
import type { NatsConnection, Status } from "@nats-io/transport-node"
import type { BrokerError } from "../broker/errors.ts"
import { after, elapsed } from "../broker/time.ts"
import { type Address, shown } from "./address.ts"
import type { Login } from "./login.ts"
import { isRefusal } from "./not-connected.ts"
import { Obstacle } from "./obstacle.ts"

/** How long an outage lasts before a person is told, in milliseconds: a restart in development is shorter. */
const sayLostAfter = 2_000

/** So many reasons are told while one outage lasts. */
const mostReasons = 3

export class Presence {
  readonly #connection: NatsConnection
  readonly #server: string
  readonly #say: (line: string) => void
  readonly #obstacle: Obstacle
  readonly #reasons = new Set<string>()
  #lostAt: number | undefined
  #silence: () => void = () => {}
  #told = false
  /** When the server last said anything: epoch milliseconds. */
  lastHeard: number = Date.now()

  constructor(
    connection: NatsConnection,
    addresses: ReadonlyArray<Address>,
    login: Login,
    say: ((line: string) => void) | undefined
  ) {
    this.#connection = connection
    this.#server = shown(addresses)
    this.#say = say ?? (() => {})
    this.#obstacle = new Obstacle(addresses, login, (why) => this.#met(why))
  }

  get connected(): boolean {
    return this.#lostAt === undefined && !this.#connection.isClosed()
  }

  /** Since when there is no connection: by `elapsed`. */
  get lostAt(): number | undefined {
    return this.#lostAt
  }

  /** Why there is none, a sentence or more; nothing where nobody is there. */
  get obstacle(): string | undefined {
    return this.connected ? undefined : this.#obstacle.why?.message
  }

  /** An attempt to connect again has failed. */
  readonly failed = (error: unknown, server: string): void => {
    if (this.#lostAt !== undefined) this.#obstacle.failed(error, server)
  }

  /** True when this is a reconnection: the client library reports as many as it has failed to make. */
  follow(status: Status): boolean {
    if (status.type === "disconnect") this.#lost()
    if (status.type === "error") this.#against(status.error)
    return status.type === "reconnect" && this.#back()
  }

  /** The server has said that it goes. */
  readonly leaving = (words: string): void => this.#tell(`NATS at ${this.#server} ${words}`)

  /** Nothing is told any more. */
  end(): void {
    this.#lostAt ??= elapsed()
    this.#silence()
    this.#obstacle.end()
    this.#told = true
  }

  #lost(): void {
    if (this.#lostAt !== undefined || this.#connection.isClosed()) return
    this.#lostAt = elapsed()
    this.#silence = after(sayLostAfter, () => {
      const why = this.#obstacle.why
      if (why !== undefined && why.reason !== "Unreachable") this.#explain(why)
      else this.#tell(`lost NATS at ${this.#server}; trying to connect again until it is back`)
    })
  }

  /** It says many things that are not the end; once the connection is lost, it says why there is none. */
  #against(error: Error): void {
    if (this.#lostAt === undefined && !isRefusal(error)) return
    this.#obstacle.failed(error, this.#server)
    const { why } = this.#obstacle
    if (this.#told || why === undefined || !isRefusal(error)) return
    this.#silence()
    this.#reasons.add(why.message)
    this.#tell(
      `NATS at ${this.#server} does not let us in any more ("${error.message}"): nothing is sent or worked on until it does. Restore the user, password, token or credentials at the server, or start this process again with valid ones; trying again until then.`
    )
  }

  /** What is there only for a moment is not told: a server that starts closes connections, too. */
  #met(why: BrokerError): void {
    if (this.#told && why.reason !== "Unreachable") this.#explain(why)
  }

  #explain({ message }: BrokerError): void {
    if (this.#reasons.has(message) || this.#reasons.size >= mostReasons) return
    this.#reasons.add(message)
    this.#told = true
    this.#say(
      `arpeggio: cannot connect to NATS at ${this.#server} again: ${message} Trying again until then.`
    )
  }

  #back(): boolean {
    if (this.#lostAt === undefined) return false
    this.#silence()
    if (this.#told) this.#say(`arpeggio: connected to NATS at ${this.#server} again`)
    this.#told = false
    this.#reasons.clear()
    this.#obstacle.end()
    this.#lostAt = undefined
    this.lastHeard = Date.now()
    return true
  }

  #tell(line: string): void {
    if (this.#told) return
    this.#told = true
    this.#say(`arpeggio: ${line}`)
  }
}
