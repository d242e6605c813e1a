/** Sets aside what this worker cannot execute: for another worker later, or as a dead letter for a person. */
import { randomInt } from "node:crypto"
import { newToken } from "../encode/identity.ts"
import { type CallMessage, type DeadMessage } from "../encode/message.ts"
import { packMessage } from "../encode/parcel.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import type { Engine } from "../engine/context.ts"
import type { Delivery } from "../transport/broker.ts"
import type { WorkerLog } from "./log.ts"

/** First wait before a call nobody here knows comes back, in milliseconds; doubled each time. */
const firstPatience = 250

/** The longest wait, in milliseconds. */
const longestPatience = 30_000

/** Reasons quote what they are about, which can be as large as a message. */
const longestReason = 1_000

/** Sends a call back to its queue after a while, and only then lets go of it. */
export const park = async (
  engine: Engine,
  delivery: Delivery,
  address: RunAddress,
  name: string,
  parked: number,
  body: Uint8Array
): Promise<number> => {
  const longest = Math.min(firstPatience * 2 ** Math.max(parked, 0), longestPatience)
  const wait = Math.round(longest / 2) + randomInt(Math.round(longest / 2))
  await engine.broker.publish({
    subject: recordSubject(engine.records.namespace, "s", address, name, "parked"),
    body,
    fire: { time: engine.broker.now() + wait, target: delivery.subject }
  })
  delivery.ack()
  return wait
}

/** A call's body, with one more time parked. */
export const parkedBody = (message: CallMessage, slots: ReadonlyArray<string>): Uint8Array =>
  packMessage({ ...message, parked: (message.parked ?? 0) + 1 }, slots)

/** Keeps a call where a person finds it; a second time under the same name changes nothing. */
export const deadLetter = async (
  engine: Engine,
  delivery: Delivery,
  address: RunAddress | undefined,
  name: string,
  reason: string
): Promise<void> => {
  const { broker, records } = engine
  const message: DeadMessage = {
    v: 1,
    kind: "dead",
    subject: delivery.subject,
    reason: reason.slice(0, longestReason),
    worker: engine.worker,
    at: broker.now()
  }
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

/** Sets aside for good what no worker will ever understand. */
export const bury = async (
  engine: Engine,
  log: WorkerLog,
  delivery: Delivery,
  address: RunAddress | undefined,
  why: string
): Promise<void> => {
  log.buried(delivery.subject, why.slice(0, longestReason))
  await deadLetter(engine, delivery, address, newToken(), why)
  delivery.ack()
}
