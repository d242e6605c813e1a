/** Sets aside what this worker cannot execute: for another worker later, or as a dead letter for a person. */
import { createHash, randomInt } from "node:crypto"
import { type CallMessage, type DeadMessage } from "../encode/message.ts"
import { packMessage, unpackMessage, Unreadable } from "../encode/parcel.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import type { Engine } from "../engine/context.ts"
import { saveStart } from "../engine/run/start.ts"
import type { Delivery } from "../transport/broker.ts"
import type { WorkerLog } from "./log.ts"

/** First wait before a call nobody here knows comes back, in milliseconds; doubled each time. */
const firstPatience = 250

/** The longest wait, in milliseconds. */
const longestPatience = 30_000

/** Reasons and last words quote what they are about, which can be as large as a message. */
const longestWords = 1_000

/** How a call is parked. */
export interface Parking {
  /** Names its timer: a node and an index. */
  readonly name: readonly [node: string, index: string]
  /** How often it was parked before. */
  readonly parked: number
  /** When it is parked no more; epoch milliseconds, broker clock. */
  readonly until: number
  readonly body: Uint8Array
}

/** Sends a call back to its queue after a while, and only then lets go of it. */
export const park = async (
  engine: Engine,
  delivery: Delivery,
  address: RunAddress,
  { name, parked, until, body }: Parking
): Promise<number> => {
  const longest = Math.min(firstPatience * 2 ** Math.max(parked, 0), longestPatience)
  const now = engine.broker.now()
  const chosen = Math.round(longest / 2) + randomInt(Math.round(longest / 2))
  const wait = Math.max(1, Math.min(chosen, until - now))
  await engine.broker.publish({
    subject: recordSubject(engine.records.namespace, "s", address, ...name),
    body,
    fire: { time: now + wait, target: delivery.subject }
  })
  delivery.ack()
  return wait
}

/** A call's body, with one more time parked. */
export const parkedBody = (
  message: CallMessage,
  slots: ReadonlyArray<string>,
  since: number
): Uint8Array =>
  packMessage({ ...message, parked: (message.parked ?? 0) + 1, parkedAt: since }, slots)

/** The name of a timer that says since when its call is parked, for bodies in which nothing can be written. */
export const parkedSinceName = (node: string, since: number): readonly [string, string] => [
  `${node}~${Math.floor(since).toString(36)}`,
  "parked"
]

/** What that name says, when a call was put back by such a timer. */
export const parkedSince = ({ timer }: Delivery): number | undefined => {
  const found = /~([0-9a-z]{1,11})\.parked$/.exec(timer ?? "")
  return found === null ? undefined : Number.parseInt(found[1]!, 36)
}

/** What is known of a dead call besides its reason. */
export type Circumstances = Pick<DeadMessage, "losses" | "lost" | "words">

/** Keeps a call where a person finds it; a second time under the same name changes nothing. */
export const deadLetter = async (
  engine: Engine,
  delivery: Delivery,
  address: RunAddress | undefined,
  name: string,
  reason: string,
  circumstances: Circumstances = {}
): Promise<void> => {
  const { broker, records } = engine
  const { words } = circumstances
  const message: DeadMessage = {
    v: 1,
    kind: "dead",
    subject: delivery.subject,
    reason: reason.slice(0, longestWords),
    worker: engine.worker,
    at: broker.now(),
    size: delivery.body.byteLength,
    ...saidBy(delivery.body),
    ...circumstances,
    ...(words === undefined ? {} : { words: words.slice(0, longestWords) })
  }
  if (address !== undefined) await saveStart(records, address)
  const place = address ?? { owner: "_", instance: "_", run: "_" }
  const body = JSON.stringify(Buffer.from(delivery.body).toString("base64"))
  const whole = records.fits(body)
  if (!whole) {
    const subject = recordSubject(records.namespace, "dl", place, name, "body")
    await broker.publish({ subject, body: delivery.body })
  }
  const subject = recordSubject(records.namespace, "dl", place, name)
  await broker.publish({
    subject,
    unless: subject,
    body: packMessage(message, whole ? [body] : [])
  })
}

/** The part of a body that tells which step it was for. */
const saidBy = (body: Uint8Array): Pick<DeadMessage, "task" | "step" | "attempt"> => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable || parcel.message.kind !== "call") return {}
  const { task, step, attempt } = parcel.message
  return { task: task.slice(0, longestWords), step: step.slice(0, longestWords), attempt }
}

/** Sets aside what no worker will ever understand. The call is still to be acked. */
export const bury = async (
  engine: Engine,
  log: WorkerLog,
  delivery: Delivery,
  address: RunAddress | undefined,
  why: string
): Promise<void> => {
  log.buried(delivery.subject, why.slice(0, longestWords))
  await deadLetter(engine, delivery, address, nameOf(delivery), why)
}

/** The same for the same call, so that a call buried twice is one dead letter. */
const nameOf = ({ subject, body }: Delivery): string =>
  createHash("sha256").update(subject).update("\n").update(body).digest("base64url").slice(0, 22)
