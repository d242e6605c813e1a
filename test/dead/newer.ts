/** What a release of the future would write, and a worker of that release, which reads it. */
import { packEnvelope, unpackEnvelope, type Envelope } from "../../src/encode/codec.ts"
import { hashOf } from "../../src/engine/flow/frame-store.ts"
import type { Broker, Delivery, Stored } from "../../src/broker/broker.ts"

/** Makes the future of what this release wrote. */
export type Change = (envelope: Envelope) => Envelope

/** A header with other fields. */
export const fields =
  (change: object): Change =>
  ({ header, slots }) => ({ header: { ...header, ...change }, slots })

type Node = { [field: string]: unknown }

/** A call or an expansion whose plan is changed; `frame` records carry it in their first slot. */
export const plan =
  (change: (plan: Node) => Node): Change =>
  ({ header, slots }) => {
    const at = header["kind"] === "frame" ? 0 : 1
    const text = JSON.stringify(change(JSON.parse(slots[at]!) as Node))
    const hash = header["kind"] === "frame" ? { hash: hashOf(text) } : { planHash: hashOf(text) }
    return {
      header: { ...header, ...hash },
      slots: slots.map((slot, n) => (n === at ? text : slot))
    }
  }

const key = (body: Uint8Array): string => Buffer.from(body).toString("latin1")

/** Writes the future, and remembers what it stands for. */
export class Future {
  readonly #meant = new Map<string, Uint8Array>()

  /** Puts the future of a record in its place. */
  async replace(
    broker: Broker,
    { subject, body }: Pick<Stored, "subject" | "body">,
    change: Change
  ) {
    const next = this.of(body, change)
    await broker.purge(subject)
    await broker.publish({ subject, body: next })
    return next
  }

  of(body: Uint8Array, change: Change): Uint8Array {
    const { slots: _, ...header } = (unpackEnvelope(body) as Envelope).header
    const { slots } = unpackEnvelope(body) as Envelope
    const changed = change({ header, slots })
    const next = packEnvelope(changed.header, changed.slots)
    this.#meant.set(key(next), body)
    return next
  }

  /** The broker as a worker of the future sees it. */
  worker(broker: Broker): Broker {
    const meant = (body: Uint8Array): Uint8Array => this.#meant.get(key(body)) ?? body
    const read = <A extends { readonly body: Uint8Array }>(stored: A): A => ({
      ...stored,
      body: meant(stored.body)
    })
    const delivered = (delivery: Delivery): Delivery => {
      const { subject, at, deliveries, fired, timer, body } = delivery
      const doubtful = delivery.doubtful ?? false
      return {
        subject,
        at,
        deliveries,
        fired,
        timer,
        doubtful,
        body: meant(body),
        ack: () => delivery.ack(),
        extend: () => delivery.extend(),
        release: () => delivery.release()
      }
    }
    const changed: Partial<Broker> = {
      read: async (subject) => {
        const stored = await broker.read(subject)
        return stored === undefined ? undefined : read(stored)
      },
      readAll: async (filter) => (await broker.readAll(filter)).map(read),
      consume: (lane, deliver, spare) =>
        broker.consume(lane, (delivery) => deliver(delivered(delivery)), spare)
    }
    return new Proxy(broker, {
      get: (target, name) => {
        const value: unknown = Reflect.get(changed, name) ?? Reflect.get(target, name, target)
        return typeof value === "function" ? (value as () => void).bind(target) : value
      }
    })
  }
}
