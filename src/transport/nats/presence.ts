/** Follows a connection's ups and downs, and tells a person about those that last. */
import { errors, type NatsConnection, type Status } from "@nats-io/transport-node"
import { after, elapsed } from "../time.ts"

/** How long an outage lasts before a person is told, in milliseconds: a restart in development is shorter. */
const sayLostAfter = 2_000

const refuses = (error: Error): boolean =>
  error instanceof errors.AuthorizationError ||
  error instanceof errors.UserAuthenticationExpiredError

export class Presence {
  readonly #connection: NatsConnection
  readonly #server: string
  readonly #say: (line: string) => void
  #lostAt: number | undefined
  #refusal: string | undefined
  #silence: () => void = () => {}
  #told = false
  /** When the server last said anything: epoch milliseconds. */
  lastHeard: number = Date.now()

  constructor(
    connection: NatsConnection,
    server: string,
    say: ((line: string) => void) | undefined
  ) {
    this.#connection = connection
    this.#server = server
    this.#say = say ?? (() => {})
  }

  get connected(): boolean {
    return this.#lostAt === undefined && !this.#connection.isClosed()
  }

  /** Since when there is no connection: by `elapsed`. */
  get lostAt(): number | undefined {
    return this.#lostAt
  }

  /** What the server said when it did not let us in (any more). */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** True when this is a reconnection: the client library reports as many as it has failed to make. */
  follow(status: Status): boolean {
    if (status.type === "disconnect") this.#lost()
    if (status.type === "error" && refuses(status.error)) this.#refused(status.error.message)
    return status.type === "reconnect" && this.#back()
  }

  /** The server has said that it goes. */
  readonly leaving = (words: string): void => this.#tell(`NATS at ${this.#server} ${words}`)

  /** Nothing is told any more. */
  end(): void {
    this.#lostAt ??= elapsed()
    this.#silence()
    this.#told = true
  }

  #lost(): void {
    if (this.#lostAt !== undefined || this.#connection.isClosed()) return
    this.#lostAt = elapsed()
    this.#silence = after(sayLostAfter, () =>
      this.#tell(`lost NATS at ${this.#server}; trying to connect again until it is back`)
    )
  }

  #refused(said: string): void {
    this.#refusal ??= said
    this.#silence()
    this.#tell(
      `NATS at ${this.#server} does not let us in any more ("${said}"): nothing is sent or worked on until it does. Restore the user, password, token or credentials at the server, or start this process again with valid ones; trying again until then.`
    )
  }

  #back(): boolean {
    if (this.#lostAt === undefined) return false
    this.#silence()
    if (this.#told) this.#say(`arpeggio: connected to NATS at ${this.#server} again`)
    this.#told = false
    this.#lostAt = undefined
    this.#refusal = undefined
    this.lastHeard = Date.now()
    return true
  }

  #tell(line: string): void {
    if (this.#told) return
    this.#told = true
    this.#say(`arpeggio: ${line}`)
  }
}
