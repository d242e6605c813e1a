/** Keeps what nobody can execute as a dead letter, for a person. */
import { createHash } from "node:crypto"
import type { DeadMessage } from "../../encode/message.ts"
import { packMessage, unpackMessage, Unreadable } from "../../encode/codec.ts"
import { deadBodySubject, deadSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import { saveStart } from "../run/first-message-record.ts"
import type { Delivery, Publication } from "../../broker/broker.ts"
import { asTaken } from "../call/body-as-taken.ts"
import type { Observer } from "../observer.ts"

/** Reasons and last words quote what they are about, which can be as large as a message. */
const longestWords = 1_000

/** What is known of a dead call besides its reason. */
export type Circumstances = Pick<DeadMessage, "losses" | "lost" | "words"> &
  Pick<Publication, "begins">

/** What a dead letter is named by in its run, and why it is one. */
export interface Letter extends Circumstances {
  readonly name: string
  readonly reason: string
}

/** Keeps a call where a person finds it; a second time under the same name changes nothing. */
export const deadLetter = async (
  engine: Context,
  delivery: Delivery,
  address: RunAddress | undefined,
  { name, reason, begins, ...circumstances }: Letter
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
  const waits = begins === undefined ? {} : { begins }
  if (address !== undefined) await saveStart(records, address, waits)
  const place = address ?? { owner: "_", instance: "_", run: "_" }
  const body = JSON.stringify(Buffer.from(delivery.body).toString("base64"))
  const whole = records.fits(body)
  if (!whole) {
    const subject = deadBodySubject(records.namespace, place, name)
    await records.refitting(async () => {
      const body = await asTaken(records, delivery.subject, delivery.body)
      return broker.publish({ subject, body, ...waits })
    })
  }
  const subject = deadSubject(records.namespace, place, name)
  await broker.publish({
    subject,
    unless: subject,
    body: packMessage(message, whole ? [body] : []),
    ...waits
  })
}

/** The part of a body that tells which step it was for. */
const saidBy = (body: Uint8Array): Pick<DeadMessage, "task" | "step" | "attempt"> => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable || parcel.message.kind !== "call") return {}
  const { task, step, attempt } = parcel.message
  return { task: task.slice(0, longestWords), step: step.slice(0, longestWords), attempt }
}

interface Burying {
  readonly engine: Context
  readonly observer: Observer
}

/** Sets aside what no worker will ever understand. The call is still to be acked. */
export const bury = async (
  { engine, observer }: Burying,
  delivery: Delivery,
  address: RunAddress | undefined,
  why: string
): Promise<void> => {
  observer.buried(delivery.subject, why.slice(0, longestWords))
  await deadLetter(engine, delivery, address, { name: nameOf(delivery), reason: why })
}

/** The same for the same call, so that a call buried twice is one dead letter. */
const nameOf = ({ subject, body }: Delivery): string =>
  createHash("sha256").update(subject).update("\n").update(body).digest("base64url").slice(0, 22)
