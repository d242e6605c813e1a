/** Keeps calls coming from the consumer: one subscription, pull requests that are made anew before they run dry. */
import { createInbox } from "@nats-io/transport-node"
import type { Msg, NatsConnection } from "@nats-io/transport-node"
import { consumer, streamOf } from "./place.ts"

export class Puller {
  readonly #connection: NatsConnection
  readonly #subject: string
  readonly #inbox = createInbox()
  readonly #slots: number
  /** Asked for and not come yet. */
  #owed = 0
  /** Come and not done yet. */
  #busy = 0

  constructor(
    connection: NatsConnection,
    namespace: string,
    slots: number,
    receive: (message: Msg) => void
  ) {
    this.#connection = connection
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${streamOf(namespace)}.${consumer}`
    this.#slots = slots
    connection.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error !== null) throw error
        if (message.reply === undefined || message.reply === "") return this.#status(message)
        this.#owed -= 1
        this.#busy += 1
        receive(message)
      }
    })
    this.#ask()
  }

  done(): void {
    this.#busy -= 1
    if (this.#slots - this.#owed - this.#busy >= this.#slots / 2) this.#ask()
  }

  #ask(): void {
    const batch = this.#slots - this.#owed - this.#busy
    this.#owed += batch
    this.#connection.publish(this.#subject, JSON.stringify({ batch, expires: 30_000_000_000 }), {
      reply: this.#inbox
    })
  }

  /** A request has ended with some of it unfilled. */
  #status(message: Msg): void {
    const left = Number(message.headers?.get("Nats-Pending-Messages") ?? 0)
    this.#owed -= left
    if (this.#owed < this.#slots / 2) this.#ask()
  }
}
