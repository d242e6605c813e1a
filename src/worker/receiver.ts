/** Reads what a delivery is and hands it to whoever does it; what nobody can read is set aside, never dropped. */
import { newToken } from "../encode/identity.ts"
import { Unreadable, unpackMessage, type Parcel } from "../encode/parcel.ts"
import type {
  CallMessage,
  CancelMessage,
  CollectMessage,
  ExpandMessage
} from "../encode/message.ts"
import { addressOf, parseSubject, runIdOf } from "../encode/subjects.ts"
import { breakOff } from "../engine/break-off.ts"
import { cancel } from "../engine/canceller.ts"
import { collect } from "../engine/collector.ts"
import type { RunFacts } from "../engine/frame.ts"
import type { Value } from "../engine/value.ts"
import type { Delivery } from "../transport/broker.ts"
import { BrokerError, isFinal } from "../transport/failure.ts"
import { CallReceiver, type ReceiverOptions } from "./call.ts"
import { bury, park } from "./parker.ts"
import { mayBeKnown, runIsOver } from "./past.ts"
import { positionOf, runFactsOf } from "./position.ts"

/** How often a message of a newer release counts as parked: it waits for a deploy, not for a moment. */
const longParked = 7

/** Deliveries after which an error that does not come from the broker's state is taken to come every time. */
const hopelessAfter = 3

/** Whether an error says something about the moment, not about the message. */
const mayPass = (cause: unknown): boolean => cause instanceof BrokerError && !isFinal(cause)

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
    // The server stores a subject with a wildcard in it; taken for a run, it would stand for every run there is.
    if (parts === undefined || addressOf(runIdOf(parts)) === undefined) {
      return bury(engine, log, delivery, undefined, "a subject that is not ours")
    }
    if (parcel instanceof Unreadable) {
      if (parcel.why === "newer") {
        const wait = await park(engine, delivery, parts, newToken(), longParked, delivery.body)
        return log.parked(parts.task, parcel.message, wait)
      }
      return bury(engine, log, delivery, parts, parcel.message)
    }
    const { message, slots } = parcel
    if (
      message.kind === "outcome" ||
      message.kind === "frame" ||
      message.kind === "attempt" ||
      message.kind === "dead"
    ) {
      return bury(engine, log, delivery, parts, `a ${message.kind} on a queue`)
    }
    if (message.run !== parts.run) {
      return bury(engine, log, delivery, parts, "its run is not the one of its subject")
    }
    const run = runFactsOf(parts, message)
    try {
      switch (message.kind) {
        case "collect":
          await collect(engine, run)
          return delivery.ack()
        case "cancel":
          await cancel(engine, run, message.reason)
          return delivery.ack()
        case "expand":
          return await this.#expand(delivery, run, { message, slots })
        case "call":
          return await this.#calls.receive(delivery, run, parts, { message, slots }, free)
      }
    } catch (cause) {
      if (mayPass(cause) || delivery.deliveries < hopelessAfter) throw cause
      await this.#giveUp(delivery, run, message, cause)
    }
  }

  /** Ends a run of which a part can never be done, and says why; without this its caller would wait for ever. */
  async #giveUp(
    delivery: Delivery,
    run: RunFacts,
    message: CallMessage | ExpandMessage | CollectMessage | CancelMessage,
    cause: unknown
  ): Promise<void> {
    const { engine, log } = this.#options
    const why = `it could not be handled ${delivery.deliveries} times: ${String(cause)}`
    if (message.kind === "call" || message.kind === "expand") {
      const task = message.kind === "call" ? message.task : "an expansion"
      const step = message.kind === "call" ? message.step : String(message.node)
      await breakOff(engine, run, why, { step, task })
    }
    await bury(engine, log, delivery, run.address, why)
  }

  async #expand(delivery: Delivery, run: RunFacts, parcel: Parcel<ExpandMessage>): Promise<void> {
    const { engine, advancer, log } = this.#options
    const { message, slots } = parcel
    const again = mayBeKnown(delivery, message)
    if (again && (await runIsOver(engine, run))) return delivery.ack()
    const texts = [...slots]
    const input: Value =
      message.input === undefined ? { text: texts.shift() ?? "null" } : { reference: message.input }
    const at = await positionOf(engine, run, message, texts[0])
    if (typeof at === "string") return bury(engine, log, delivery, run.address, at)
    await advancer.begin(at, input, { parent: message.parent, again })
    delivery.ack()
  }
}
