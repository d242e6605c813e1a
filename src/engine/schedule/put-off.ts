/** Puts off ticks that could not be done: the schedule goes on by them when what is wrong has passed, however long that takes. */
import { unpackMessage, Unreadable } from "../../encode/codec.ts"
import { parseSubject } from "../../encode/subjects.ts"
import type { Delivery } from "../../broker/broker.ts"
import type { Records } from "../records.ts"
import { setTick } from "./timer.ts"

/** How long until it is tried again, in milliseconds: as long as it has failed, within these. */
const shortest = 5_000
const longest = 60_000

/** Those of one schedule that fail in several workers come at the same moments, and so become one again. */
const beat = 5_000

/** A tick that could not be done. */
export interface PutOff {
  readonly owner: string
  /** The schedule. */
  readonly name: string
  /** Since when it fails; epoch milliseconds, broker clock. */
  readonly since: number
  /** Whether it has failed before. */
  readonly again: boolean
}

/** What a tick says of its schedule. Of one that cannot be read nothing is known: it may have been handed out before. */
export const tickOf = ({
  subject,
  body
}: Pick<Delivery, "subject" | "body">): Omit<PutOff, "since"> & { readonly since?: number } => {
  const { owner, instance } = parseSubject(subject)!
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable || parcel.message.kind !== "tick") {
    return { owner, name: instance, again: true }
  }
  const { name, since } = parcel.message
  return { owner, name, again: since !== undefined, ...(since === undefined ? {} : { since }) }
}

/** Has a tick come again later, and acknowledges it. Rejects when that cannot be stored: then it comes when its lease is over. */
export const putOffTick = async (records: Records, delivery: Delivery): Promise<PutOff> => {
  const { instance, node: revision } = parseSubject(delivery.subject)!
  const now = Math.max(records.broker.now(), delivery.at)
  const { owner, name, again, since = now } = tickOf(delivery)
  const wait = Math.min(Math.max(now - since, shortest), longest)
  const time = Math.ceil((now + wait) / beat) * beat
  await setTick(records, { owner, instance, run: "_" }, { name, revision, since }, time)
  delivery.ack()
  return { owner, name, since, again }
}
