/** What becomes of deliveries that cannot be handled: they wait for a newer release, become dead letters, or are left to come again. */
import { inWords } from "../../define/duration.ts"
import { isNewer, Unreadable, unpackMessage } from "../../encode/codec.ts"
import {
  isAddress,
  systemQueue,
  type RunAddress,
  type SubjectParts
} from "../../encode/subjects.ts"
import type { Delivery } from "../../broker/broker.ts"
import { BrokerError, isFinal, isTooLarge } from "../../broker/errors.ts"
import type { Context } from "../context.ts"
import { bury } from "../dead/bury.ts"
import { keepWithin, runPlace } from "../flow/position.ts"
import { breakOff } from "../run/cancel.ts"
import type { Handling } from "./handling.ts"
import { readDelivery, type Incoming, type Unfit } from "./job.ts"
import { isRunTimer, parkedSinceName } from "../timers.ts"
import { park, parkedSince } from "./park.ts"

/** How often a message of a newer release counts as parked: it waits for a deploy, not for a moment. */
const longParked = 22

/** How long the outcome of a run is kept of which nothing can be read, in milliseconds. */
const unknownKeep = 3_600_000

/** What nobody can do is a dead letter; what is of a newer release waits for a newer worker. */
export const setAside = (handling: Handling, unfit: Unfit): Promise<void> => {
  const { delivery, parts, why } = unfit
  if (!(why instanceof Unreadable)) return buryRun(handling, unfit, why)
  return why.why === "newer"
    ? parkNewer(handling, delivery, parts!, why)
    : buryRun(handling, unfit, why.message)
}

/** A call that can never be done is a dead letter, and its run ends: its caller must not wait for ever. */
export const buryRun = async (
  handling: Handling,
  { delivery, parts }: Pick<Unfit, "delivery" | "parts">,
  why: string
): Promise<void> => {
  await bury(handling, delivery, parts, why)
  if (parts !== undefined && isAddress(parts)) {
    const { owner, instance, run, node: step, task } = parts
    const facts = { address: { owner, instance, run }, keep: keepIn(delivery) }
    await breakOff(handling.engine, facts, why, { step, task })
  }
  delivery.ack()
}

const keepIn = ({ body }: Delivery): number => {
  const parcel = unpackMessage(body)
  const silent = parcel instanceof Unreadable || !("keep" in parcel.message)
  return silent ? unknownKeep : keepWithin(parcel.message.keep)
}

/** What becomes of a delivery whose handling failed: it is left to come again, unless that has been tried enough. */
export const handlingFailed = async (
  handling: Handling,
  delivery: Delivery,
  cause: unknown
): Promise<void> => {
  const incoming = readDelivery(delivery)
  const isRead = !("why" in incoming)
  if (isNewer(cause) && isRead) return parkNewer(handling, delivery, incoming.parts, cause)
  if (mayPass(cause) || delivery.deliveries < hopelessAfter(cause) || !isRead) {
    return handling.observer.left(delivery.subject, cause)
  }
  await giveUpRun(handling, incoming, cause)
}

/** Whether an error says something about the moment, not about the message. */
const mayPass = (cause: unknown): boolean => cause instanceof BrokerError && !isFinal(cause)

/** Deliveries after which an error that does not come from the broker's state is taken to come every time; what is too large stays so. */
const hopelessAfter = (cause: unknown): number => (isTooLarge(cause) ? 1 : 3)

/** Ends a run of which a part can never be done, and says why; without this its caller would wait for ever. */
const giveUpRun = async (
  handling: Handling,
  { delivery, run, message }: Incoming,
  cause: unknown
): Promise<void> => {
  const why = `it could not be handled (delivery ${delivery.deliveries}): ${String(cause)}`
  // First: once the run has ended, whoever gets the call again lets go of it.
  await bury(handling, delivery, run.address, why)
  if (message.kind === "call" || message.kind === "expand" || message.kind === "sleep") {
    const task =
      message.kind === "call" ? message.task : message.kind === "sleep" ? "a sleep" : "an expansion"
    const step = message.kind === "call" ? message.step : String(message.node)
    await breakOff(handling.engine, run, why, { step, task })
  }
  delivery.ack()
}

/**
 * What a newer release wrote, the message itself or something stored that it leads to, waits for a newer worker, for as
 * long as patience lasts. What was committed on the way stays: whoever gets it again goes on there.
 */
const parkNewer = async (
  handling: Handling,
  delivery: Delivery,
  parts: SubjectParts,
  why: Unreadable
): Promise<void> => {
  const { engine, observer } = handling
  // Nobody asks for the calls of a run that has ended; what looks after the run does not go with it.
  if (parts.queue !== systemQueue && (await hasEnded(engine, parts))) return delivery.ack()
  // What looks after a run waits until it can: a dead letter would not look after it.
  const patience = looksAfter(parts) ? Infinity : handling.patience
  const since = parkedSince(delivery) ?? engine.broker.now()
  const until = since + patience
  if (until <= engine.broker.now()) {
    const waited = `no worker that reads it was found within ${inWords(patience)}: ${why.message}`
    return buryRun(handling, { delivery, parts }, waited)
  }
  const name = parkedSinceName(parts.node, since)
  const { body } = delivery
  const wait = await park(engine, delivery, parts, { name, parked: longParked, until, body })
  observer.newer(parts.task, why.message, wait)
}

/** Whether the run has an outcome, whatever release stored it. */
const hasEnded = async ({ broker, records }: Context, address: RunAddress): Promise<boolean> =>
  (await broker.read(records.subject(address, runPlace))) !== undefined

/** Whether a message is the timer of a run. */
const looksAfter = ({ queue, node }: SubjectParts): boolean =>
  queue === systemQueue && isRunTimer(node)
