/** Where answers to this process arrive. */
import type { Msg } from "@nats-io/transport-node"
import type { BrokerError } from "../broker/errors.ts"
import { mayNotListen } from "./messages.ts"
import type { Link } from "./connection.ts"

/** Until a subscription that was refused is tried again, in milliseconds. */
const pause = 2_000

export class Inbox {
  readonly #link: Link
  readonly #receive: (token: string, message: Msg) => void
  readonly #deaf: (refusal: BrokerError) => void
  readonly #prefix: string
  /** Why no answer arrives. */
  refusal: BrokerError | undefined

  /** `deaf` hears that the server does not let us listen: permissions that were taken away by mistake come back. */
  constructor(
    link: Link,
    receive: (token: string, message: Msg) => void,
    deaf: (refusal: BrokerError) => void
  ) {
    this.#link = link
    this.#receive = receive
    this.#deaf = deaf
    this.#prefix = `${link.inbox}.`
    this.#listen()
  }

  /** The subject of answers to one question. */
  subject(token: string): string {
    return this.#prefix + token
  }

  #listen(): void {
    const { length } = this.#prefix
    this.#link.subscribe(
      `${this.#prefix}*`,
      (message) => this.#receive(message.subject.slice(length), message),
      () => this.#refused()
    )
  }

  #refused(): void {
    this.refusal = mayNotListen(this.#prefix)
    this.#deaf(this.refusal)
    setTimeout(() => {
      if (this.#link.connection.isClosed()) return
      this.refusal = undefined
      this.#listen()
    }, pause).unref()
  }
}
