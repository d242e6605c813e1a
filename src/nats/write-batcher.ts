/**
 * Sends what one turn of the event loop has to say in one piece.
 *
 * The client library writes to the socket as soon as the current microtask ends, and an answer that is worked on in a few
 * awaits is several microtasks deep: under load every turn would be four or five small writes, each of which costs this
 * process and the server more than a message does.
 */
import type { NatsConnection, PublishOptions } from "@nats-io/transport-node"

interface Letter {
  readonly subject: string
  readonly payload: Uint8Array
  readonly options: PublishOptions
  readonly failed: ((error: unknown) => void) | undefined
}

/** A turn that has more than this to say does not keep the server waiting for its end. */
const most = 128

export class Outbox {
  readonly #connection: NatsConnection
  readonly #connected: () => boolean
  #letters: Array<Letter> = []

  constructor(connection: NatsConnection, connected: () => boolean) {
    this.#connection = connection
    this.#connected = connected
  }

  /** `failed` hears why the library refused it; what is lost with the connection is nobody's failure. */
  post(
    subject: string,
    payload: Uint8Array,
    options: PublishOptions,
    failed?: (error: unknown) => void
  ): void {
    if (this.#letters.length === 0) setImmediate(() => this.flush())
    this.#letters.push({ subject, payload, options, failed })
    if (this.#letters.length >= most) this.flush()
  }

  flush(): void {
    const letters = this.#letters
    this.#letters = []
    for (const { subject, payload, options, failed } of letters) {
      // What was meant for a connection that is gone is asked again, acked again or planned again when it is back.
      if (!this.#connected()) return
      try {
        this.#connection.publish(subject, payload, options)
      } catch (error) {
        failed?.(error)
      }
    }
  }
}
