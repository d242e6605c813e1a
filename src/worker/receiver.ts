/** Reads what a delivery is and hands it to whoever does it; what nobody can read is set aside, never dropped. */
import { newToken } from "../encode/identity.ts"
import { Unreadable, unpackMessage } from "../encode/parcel.ts"
import type { ExpandMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import { parseSubject } from "../encode/subjects.ts"
import { cancel } from "../engine/canceller.ts"
import { collect } from "../engine/collector.ts"
import type { Position, RunFacts } from "../engine/frame.ts"
import type { Value } from "../engine/value.ts"
import type { Delivery } from "../transport/broker.ts"
import { CallReceiver, indexOf, type ReceiverOptions } from "./call.ts"
import { bury, park } from "./parker.ts"
import { runIsOver } from "./past.ts"
import { frameOf, runFactsOf } from "./position.ts"

/** How often a message of a newer release counts as parked: it waits for a deploy, not for a moment. */
const longParked = 7

export class Receiver {
  readonly #options: ReceiverOptions
  readonly #calls: CallReceiver

  constructor(options: ReceiverOptions) {
    this.#options = options
    this.#calls = new CallReceiver(options)
  }

  async receive(delivery: Delivery, free: () => void): Promise<void> {
    const { engine, log } = this.#options
    const parts = parseSubject(delivery.subject)
    const parcel = unpackMessage(delivery.body)
    if (parts === undefined) return bury(engine, delivery, undefined, "a subject that is not ours")
    if (parcel instanceof Unreadable) {
      if (parcel.why === "newer") {
        const wait = await park(engine, delivery, parts, newToken(), longParked, delivery.body)
        return log.parked(parts.task, parcel.message, wait)
      }
      log.buried(delivery.subject, parcel.message)
      return bury(engine, delivery, parts, parcel.message)
    }
    const { message, slots } = parcel
    if (
      message.kind === "outcome" ||
      message.kind === "frame" ||
      message.kind === "attempt" ||
      message.kind === "dead"
    ) {
      return bury(engine, delivery, parts, `a ${message.kind} on a queue`)
    }
    if (message.run !== parts.run) {
      return bury(engine, delivery, parts, "its run is not the one of its subject")
    }
    const run = runFactsOf(parts, message)
    switch (message.kind) {
      case "collect":
        await collect(engine, run)
        return delivery.ack()
      case "cancel":
        await cancel(engine, run, message.reason)
        return delivery.ack()
      case "expand":
        return this.#expand(delivery, run, { message, slots })
      case "call":
        return this.#calls.receive(delivery, run, parts, { message, slots }, free)
    }
  }

  async #expand(delivery: Delivery, run: RunFacts, parcel: Parcel<ExpandMessage>): Promise<void> {
    const { engine, advancer } = this.#options
    const { message, slots } = parcel
    const again = delivery.deliveries > 1 || delivery.fired || message.again === true
    if (again && (await runIsOver(engine, run))) return delivery.ack()
    const texts = [...slots]
    const input: Value =
      message.input === undefined ? { text: texts.shift() ?? "null" } : { reference: message.input }
    const frame = await frameOf(engine, run, message, texts[0])
    if (typeof frame === "string") return bury(engine, delivery, run.address, frame)
    const at: Position = { frame, node: message.node, ...indexOf(message.frame.index) }
    await advancer.begin(at, input, { parent: message.parent, again })
    delivery.ack()
  }
}
