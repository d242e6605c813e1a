/**
 * Keeps the first message of a run of several steps, so that the run can be begun again: with the run's timer until it
 * has ended, and as a record of its own once a part of it is a dead letter.
 */
import type { CollectMessage } from "../../encode/message.ts"
import { isNewer, unpackKind, Unreadable } from "../../encode/codec.ts"
import { startSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Publication } from "../../broker/broker.ts"
import type { Records } from "../records.ts"
import { lookOf, timerOf, type Start } from "./run-timers.ts"

/** The start in a timer's body. */
export const startIn = (
  { start }: CollectMessage,
  slots: ReadonlyArray<string>
): Start | undefined =>
  start === undefined ? undefined : { subject: start, body: Buffer.from(slots[0] ?? "") }

/** The first message of a run, while it is kept. */
export const findStart = async (
  records: Records,
  address: RunAddress
): Promise<Start | undefined> => {
  const kept = await keptStart(records, address)
  if (kept?.start instanceof Unreadable) throw kept.start
  return kept?.start
}

/** Whether the first message is kept, be it one that only a newer release can read. */
export const hasStart = async (records: Records, address: RunAddress): Promise<boolean> =>
  (await keptStart(records, address)) !== undefined

/** Keeps the start, as the timer carried it, beyond the end of the run. Before the run can end, so that it is still there. */
export const saveStart = async (
  records: Records,
  address: RunAddress,
  waits: Pick<Publication, "begins"> = {}
): Promise<void> => {
  const kept = await keptStart(records, address)
  if (kept === undefined) return
  const subject = startSubject(records.namespace, address)
  await records.broker.publish({ subject, unless: subject, body: kept.body, ...waits })
}

/** The start that a timer's body carries; an error where only a newer release can say. */
const startOf = (body: Uint8Array): Start | Unreadable | undefined => {
  try {
    const { message, slots } = unpackKind(body, "collect")
    return startIn(message, slots)
  } catch (cause) {
    if (isNewer(cause)) return cause
    throw cause
  }
}

const keptStart = async (
  { broker, namespace }: Records,
  address: RunAddress
): Promise<{ readonly start: Start | Unreadable; readonly body: Uint8Array } | undefined> => {
  const timer = timerOf(namespace, address)
  // It may go from timer to call and back between two looks.
  for (const subject of [
    startSubject(namespace, address),
    timer,
    lookOf(namespace, address),
    timer
  ]) {
    const stored = await broker.read(subject)
    if (stored === undefined) continue
    const start = startOf(stored.body)
    if (start !== undefined) return { start, body: stored.body }
  }
  return undefined
}
