/** Reads what a delivery is and hands it to whoever does it; what nobody can read is set aside, never dropped. */
import { inWords } from "../define/duration.ts"
import { isNewer, Unreadable, unpackMessage, type Parcel } from "../encode/parcel.ts"
import type {
  CallMessage,
  CancelMessage,
  CollectMessage,
  ExpandMessage,
  Message
} from "../encode/message.ts"
import {
  isAddress,
  parseSubject,
  systemQueue,
  type RunAddress,
  type SubjectParts
} from "../encode/subjects.ts"
import { isTooLarge } from "../engine/fitting.ts"
import { breakOff } from "../engine/run/break-off.ts"
import { cancel } from "../engine/run/canceller.ts"
import { collect } from "../engine/run/collector.ts"
import { scheduleRepair } from "../engine/run/schedule.ts"
import { isLate } from "../engine/run/deadline.ts"
import { atDeadline, endLate } from "../engine/run/late.ts"
import { isStart, keepWithin, runPlace, type RunFacts } from "../engine/frame.ts"
import { startIn } from "../engine/run/start.ts"
import type { Engine } from "../engine/context.ts"
import { isRunTimer, parkedSinceName } from "../engine/timers.ts"
import type { Value } from "../engine/value.ts"
import type { Delivery } from "../transport/broker.ts"
import { BrokerError, isFinal } from "../transport/failure.ts"
import { CallReceiver, type ReceiverOptions } from "./call.ts"
import { bury } from "./dead-letter.ts"
import { park, parkedSince } from "./parker.ts"
import { mayBeKnown, runIsOver } from "./past.ts"
import { positionOf, runFactsOf } from "./position.ts"
import type { Slot } from "./slots.ts"

/** How often a message of a newer release counts as parked: it waits for a deploy, not for a moment. */
const longParked = 22

/** How long the outcome of a run is kept of which nothing can be read, in milliseconds. */
const unknownKeep = 3_600_000

const keepIn = ({ body }: Delivery): number => {
  const parcel = unpackMessage(body)
  const silent = parcel instanceof Unreadable || !("keep" in parcel.message)
  return silent ? unknownKeep : keepWithin(parcel.message.keep)
}

/** Whether the run has an outcome, whatever release stored it. */
const hasEnded = async ({ broker, records }: Engine, address: RunAddress): Promise<boolean> =>
  (await broker.read(records.subject(address, runPlace))) !== undefined

/** Whether a message is the timer of a run. */
const looksAfter = ({ queue, node }: SubjectParts): boolean =>
  queue === systemQueue && isRunTimer(node)

/** Deliveries after which an error that does not come from the broker's state is taken to come every time; what is too large stays so. */
const hopelessAfter = (cause: unknown): number => (isTooLarge(cause) ? 1 : 3)

/** Whether an error says something about the moment, not about the message. */
const mayPass = (cause: unknown): boolean => cause instanceof BrokerError && !isFinal(cause)

type Queued = CallMessage | ExpandMessage | CollectMessage | CancelMessage

const queued: ReadonlySet<Message["kind"]> = new Set(["call", "expand", "collect", "cancel"])

const isQueued = (message: Message): message is Queued => queued.has(message.kind)

/** A delivery that is a call of ours. */
interface Read {
  readonly run: RunFacts
  readonly parts: SubjectParts
  readonly parcel: Parcel<Queued>
}

/** A delivery that is none, and why. */
interface Unfit {
  readonly parts: SubjectParts | undefined
  readonly why: string | Unreadable
}

const readCall = (delivery: Delivery): Read | Unfit => {
  const parts = parseSubject(delivery.subject)
  // The server stores a subject with a wildcard in it; taken for a run, it would stand for every run there is.
  if (parts === undefined || !isAddress(parts)) {
    return { parts: undefined, why: "a subject that is not ours" }
  }
  const parcel = unpackMessage(delivery.body)
  if (parcel instanceof Unreadable) return { parts, why: parcel }
  const { message } = parcel
  if (!isQueued(message)) return { parts, why: `a ${message.kind} on a queue` }
  if (message.run !== parts.run) {
    return { parts, why: "its run is not the one of its subject" }
  }
  return { run: runFactsOf(parts, message), parts, parcel: parcel as Parcel<Queued> }
}

export class Receiver {
  readonly #options: ReceiverOptions
  readonly #calls: CallReceiver

  constructor(options: ReceiverOptions) {
    this.#options = options
    this.#calls = new CallReceiver(options, (delivery, parts, why) =>
      this.#bury(delivery, parts, why)
    )
  }

  /** Rejects, or throws, when the call is to be delivered again; `failed` says whether that makes sense. */
  receive(delivery: Delivery, slot: Slot): Promise<void> {
    const read = readCall(delivery)
    if ("why" in read) return this.#unfit(delivery, read)
    const { engine, revoked } = this.#options
    const { run, parts, parcel } = read
    const { message, slots } = parcel
    switch (message.kind) {
      case "collect":
        return collect(engine, run, parts.index, startIn(message, slots)).then(() => delivery.ack())
      case "cancel":
        return (
          message.late === true ? atDeadline(engine, run) : cancel(engine, run, message.reason)
        ).then(() => delivery.ack())
      case "expand":
        if (isLate(engine, run)) return this.#tooLate(delivery, run)
        if (revoked.matters) return this.#ifNotRevoked(delivery, read, slot)
        return this.#expand(delivery, run, parts, { message, slots })
      case "call":
        if (isLate(engine, run)) return this.#tooLate(delivery, run)
        if (revoked.matters) return this.#ifNotRevoked(delivery, read, slot)
        return this.#calls.receive(delivery, run, parts, parcel as Parcel<CallMessage>, slot)
    }
  }

  /** Carries out the cancel of a run before anything of it begins, whoever else may do the same, or have died over it. */
  async #ifNotRevoked(delivery: Delivery, read: Read, slot: Slot): Promise<void> {
    const { engine, revoked } = this.#options
    const { run, parts, parcel } = read
    const { message, slots } = parcel
    const reason = await revoked.reasonFor(run.address)
    if (reason !== undefined) {
      await cancel(engine, run, reason)
      return delivery.ack()
    }
    return message.kind === "expand"
      ? this.#expand(delivery, run, parts, { message, slots })
      : this.#calls.receive(delivery, run, parts, parcel as Parcel<CallMessage>, slot)
  }

  /** What becomes of a call whose handling failed: it is left to be delivered again, unless that has been tried enough. */
  async failed(cause: unknown, delivery: Delivery): Promise<void> {
    const read = readCall(delivery)
    if (isNewer(cause) && "run" in read) return this.#newer(delivery, read.parts, cause)
    if (mayPass(cause) || delivery.deliveries < hopelessAfter(cause) || "why" in read) {
      return this.#options.log.left(delivery.subject, cause)
    }
    await this.#giveUp(delivery, read.run, read.parcel.message, cause)
  }

  /** Ends a run of which a part can never be done, and says why; without this its caller would wait for ever. */
  async #giveUp(delivery: Delivery, run: RunFacts, message: Queued, cause: unknown): Promise<void> {
    const { engine, log } = this.#options
    const why = `it could not be handled (delivery ${delivery.deliveries}): ${String(cause)}`
    // First: once the run has ended, whoever gets the call again lets go of it.
    await bury(engine, log, delivery, run.address, why)
    if (message.kind === "call" || message.kind === "expand") {
      const task = message.kind === "call" ? message.task : "an expansion"
      const step = message.kind === "call" ? message.step : String(message.node)
      await breakOff(engine, run, why, { step, task })
    }
    delivery.ack()
  }

  /** What nobody can do is set aside; what is of a newer release waits for a newer worker. */
  #unfit(delivery: Delivery, { parts, why }: Unfit): Promise<void> {
    return why instanceof Unreadable
      ? this.#unreadable(delivery, parts!, why)
      : this.#bury(delivery, parts, why)
  }

  /** Its deadline's own message is on its way, and may be behind this one. */
  async #tooLate(delivery: Delivery, run: RunFacts): Promise<void> {
    await endLate(this.#options.engine, run)
    delivery.ack()
  }

  #unreadable(delivery: Delivery, parts: SubjectParts, why: Unreadable): Promise<void> {
    return why.why === "newer"
      ? this.#newer(delivery, parts, why)
      : this.#bury(delivery, parts, why.message)
  }

  /**
   * What a newer release wrote, the message itself or something stored that it leads to, waits for a newer worker, for as
   * long as patience lasts. What was committed on the way stays: whoever gets it again goes on there.
   */
  async #newer(delivery: Delivery, parts: SubjectParts, why: Unreadable): Promise<void> {
    const { engine, log } = this.#options
    // Nobody asks for the calls of a run that has ended; what looks after the run does not go with it.
    if (parts.queue !== systemQueue && (await hasEnded(engine, parts))) return delivery.ack()
    // What looks after a run waits until it can: a dead letter would not look after it.
    const patience = looksAfter(parts) ? Infinity : this.#options.patience
    const since = parkedSince(delivery) ?? engine.broker.now()
    const until = since + patience
    if (until <= engine.broker.now()) {
      const waited = `no worker that reads it was found within ${inWords(patience)}: ${why.message}`
      return this.#bury(delivery, parts, waited)
    }
    const name = parkedSinceName(parts.node, since)
    const { body } = delivery
    const wait = await park(engine, delivery, parts, { name, parked: longParked, until, body })
    log.newer(parts.task, why.message, wait)
  }

  /** A call that can never be done is a dead letter, and its run ends: its caller must not wait for ever. */
  async #bury(delivery: Delivery, parts: SubjectParts | undefined, why: string): Promise<void> {
    const { engine, log } = this.#options
    await bury(engine, log, delivery, parts, why)
    if (parts !== undefined && isAddress(parts)) {
      const { owner, instance, run, node: step, task } = parts
      const facts = { address: { owner, instance, run }, keep: keepIn(delivery) }
      await breakOff(engine, facts, why, { step, task })
    }
    delivery.ack()
  }

  async #expand(
    delivery: Delivery,
    run: RunFacts,
    parts: SubjectParts,
    parcel: Parcel<ExpandMessage>
  ): Promise<void> {
    const { engine, advancer } = this.#options
    const { message, slots } = parcel
    const again = mayBeKnown(delivery, message)
    if (again && (await runIsOver(engine, run))) return delivery.ack()
    const texts = [...slots]
    const input: Value =
      message.input === undefined ? { text: texts.shift() ?? "null" } : { reference: message.input }
    const at = await positionOf(engine, run, message, texts[0])
    if (typeof at === "string") return this.#bury(delivery, parts, at)
    const kept = isStart(at) ? () => scheduleRepair(engine, run, delivery) : undefined
    const beginning = { parent: message.parent, again, crossed: message.crossed === true }
    await advancer.begin(at, input, beginning, kept)
    delivery.ack()
  }
}
