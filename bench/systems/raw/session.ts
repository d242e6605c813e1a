/** The client written by hand: one subscription for acknowledgements and outcomes, and a map of what is waited for. */
import { createHash, randomUUID } from "node:crypto"
import type { Msg, NatsConnection } from "@nats-io/transport-node"
import type { Place, Session } from "../../system.ts"
import { type Acknowledgement, type Call, decode, encode, type Outcome } from "./messages.ts"
import { ask, callOf, consumer, inboxOf, open, streamOf } from "./place.ts"

type Value = number | string

interface Waiting {
  /** Acknowledgements that are still to come. */
  unstored: number
  value: Value | undefined
  /** False when nobody waits for the outcome. */
  readonly wanted: boolean
  readonly stored: () => void
  readonly resolve: (value: Value) => void
  readonly reject: (error: Error) => void
}

/** Publishes that may be unacknowledged at once: the server refuses more than its queue holds. */
const window = 4_096

const nothing = (): void => {}

export const session = async (place: Place): Promise<Session> => {
  const connection = await open(place, "raw client")
  return new RawSession(place, connection)
}

class RawSession implements Session {
  readonly #connection: NatsConnection
  readonly #namespace: string
  readonly #instance = createHash("sha256").update(randomUUID()).digest("hex").slice(0, 10)
  readonly #inbox: string
  readonly #waiting = new Map<string, Waiting>()
  #queued: Array<() => void> = []
  #unqueued = 0
  #counter = 0
  #inFlight = 0
  #enqueued = 0

  constructor(place: Place, connection: NatsConnection) {
    this.#connection = connection
    this.#namespace = place.namespace
    this.#inbox = inboxOf(this.#namespace, this.#instance)
    connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error !== null) throw error
        this.#receive(message)
      }
    })
  }

  call(value: number): Promise<number> {
    return this.#run("inc", value) as Promise<number>
  }

  echo(text: string): Promise<string> {
    return this.#run("echo", text) as Promise<string>
  }

  bulk(values: ReadonlyArray<number>): Promise<ReadonlyArray<number>> {
    return Promise.all(values.map((value) => this.call(value)))
  }

  chain(length: number, value: number): Promise<number> {
    return this.#run("inc", value, { step: 0, length }) as Promise<number>
  }

  group(size: number): Promise<ReadonlyArray<number>> {
    return this.bulk(Array.from({ length: size }, (_, at) => at))
  }

  chord(size: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const run = this.#next()
      const waiting = { ...this.#wait(resolve as (value: Value) => void, reject), unstored: size }
      this.#waiting.set(run, waiting)
      for (let member = 0; member < size; member++) this.#send(run, "inc", member, { member, size })
    })
  }

  async enqueue(values: ReadonlyArray<number>): Promise<void> {
    this.#enqueued += values.length
    await Promise.all(
      values.map(
        (value) =>
          new Promise<void>((stored, reject) => {
            const run = this.#next()
            const waiting = { ...this.#wait(nothing, reject), wanted: false, stored }
            this.#waiting.set(run, waiting)
            this.#send(run, "inc", value)
          })
      )
    )
  }

  async done(): Promise<number> {
    const info = await ask<{ readonly num_pending: number; readonly num_ack_pending: number }>(
      this.#connection,
      `CONSUMER.INFO.${streamOf(this.#namespace)}.${consumer}`
    )
    return this.#enqueued - info.num_pending - info.num_ack_pending
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  #next(): string {
    return (this.#counter++).toString(36)
  }

  #wait(resolve: (value: Value) => void, reject: (error: Error) => void): Waiting {
    return { unstored: 1, value: undefined, wanted: true, stored: nothing, resolve, reject }
  }

  #run(task: Call["task"], input: Value, more?: Partial<Call>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const run = this.#next()
      this.#waiting.set(run, this.#wait(resolve, reject))
      this.#send(run, task, input, more)
    })
  }

  #send(run: string, task: Call["task"], input: Value, more?: Partial<Call>): void {
    if (this.#inFlight >= window) {
      this.#queued.push(() => this.#send(run, task, input, more))
      return
    }
    this.#inFlight += 1
    const instance = this.#instance
    const call = { v: 1, task, instance, run, input, at: Date.now(), ...more } as const
    this.#connection.publish(callOf(this.#namespace, instance, run), encode(call), {
      reply: `${this.#inbox}_${run}`
    })
  }

  /** `_<run>` is an acknowledgement, `<run>` an outcome; the outcome may come first. */
  #receive(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length)
    if (token.startsWith("_")) return this.#acknowledged(token.slice(1), message)
    const waiting = this.#waiting.get(token)
    if (waiting === undefined) return
    waiting.value = decode<Outcome>(message.data).value
    if (waiting.unstored === 0) this.#settle(token, waiting)
  }

  #acknowledged(run: string, message: Msg): void {
    this.#inFlight -= 1
    this.#more()
    const waiting = this.#waiting.get(run)
    if (waiting === undefined) return
    const { error } = decode<Acknowledgement>(message.data)
    if (error !== undefined) {
      this.#waiting.delete(run)
      return waiting.reject(new Error(`not stored: ${error.description}`))
    }
    waiting.unstored -= 1
    if (waiting.unstored > 0) return
    waiting.stored()
    if (!waiting.wanted) this.#waiting.delete(run)
    else if (waiting.value !== undefined) this.#settle(run, waiting)
  }

  #more(): void {
    if (this.#unqueued < this.#queued.length) return this.#queued[this.#unqueued++]!()
    this.#queued = []
    this.#unqueued = 0
  }

  #settle(run: string, waiting: Waiting): void {
    this.#waiting.delete(run)
    waiting.resolve(waiting.value!)
  }
}
