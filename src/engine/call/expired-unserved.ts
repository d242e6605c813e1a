/**
 * Ends calls that are too late and that a worker was handed which is gone, where nobody serves their queue any more: else the
 * next worker of the queue would, and nobody comes.
 */
import { unpackMessage, Unreadable } from "../../encode/codec.ts"
import { isAddress, laneFilter, parseSubject } from "../../encode/subjects.ts"
import type { LaneState, Stored } from "../../broker/broker.ts"
import { commitAt } from "../flow/ender.ts"
import { runPlace } from "../flow/position.ts"
import { expired, progressOf } from "./expiry.ts"
import type { Handling } from "./handling.ts"
import { positionOf, runFactsOf, whyNotCall } from "./job.ts"
import { expiresAt } from "./times.ts"

/** How many are read at once. */
const width = 64

/** Answers with how many were ended. What was never handed out has its own timer for that. */
export const endExpired = async (handling: Handling, lane: LaneState): Promise<number> => {
  const { broker } = handling.engine
  if (lane.out === 0) return 0
  const filter = laneFilter(broker.facts.namespace, lane.queue, lane.level)
  let ended = 0
  let from: number | undefined = 0
  while (from !== undefined) {
    const page = await broker.page(filter, width, from)
    for (const call of page.records) {
      if (call.sequence > lane.upTo) return ended
      if (await endsExpired(handling, call)) ended += 1
    }
    from = page.next
  }
  return ended
}

/** Ends a call if nothing is known of it but that it was handed out, and it is too late. */
const endsExpired = async ({ engine, advancer }: Handling, call: Stored): Promise<boolean> => {
  const { broker, records } = engine
  const { subject, sequence, body } = call
  const parts = parseSubject(subject)
  const parcel = unpackMessage(body)
  if (parts === undefined || !isAddress(parts) || parcel instanceof Unreadable) return false
  const { message, slots } = parcel
  if (message.kind !== "call" || message.run !== parts.run) return false
  const expires = expiresAt(message)
  if (expires === undefined || broker.now() < expires) return false
  const run = runFactsOf(parts, message)
  if ((await records.outcome(run.address, runPlace)) !== undefined) {
    // Whoever is handed it would only let go of it.
    await broker.purge(subject, sequence)
    return false
  }
  const at = await positionOf(engine, run, message, slots[1])
  if (typeof at === "string" || whyNotCall(at, message, parts) !== undefined) return false
  if ((await progressOf(engine, at)) === "begun") return false
  const { task } = message
  const offered = expired(engine, at, { task, expires }, { mayHaveBegun: true })
  const { verdict } = await commitAt(engine, at, offered)
  await advancer.advance(at, verdict, true)
  await broker.purge(subject, sequence)
  return true
}
