/** Begins a run again of which nothing is under way: what has its outcome is passed by, what was lost is sent anew. */
import { packMessage, unpackMessage, Unreadable } from "../../encode/codec.ts"
import { runIdOf } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import { runPlace, type RunFacts } from "../flow/position.ts"
import type { Start } from "./first-message-record.ts"

/**
 * Sends the start again, marked so that whoever gets it reads before it does anything. Followers are published before a
 * call is acked, so this is never needed unless records were removed by hand.
 */
export const beginAgain = async (engine: Context, run: RunFacts, start: Start): Promise<void> => {
  const { broker, records } = engine
  const parcel = unpackMessage(start.body)
  if (parcel instanceof Unreadable) throw parcel
  const { message, slots } = parcel
  if (message.kind !== "call" && message.kind !== "expand") return
  const { stored } = await broker.publish({
    subject: start.subject,
    unless: records.subject(run.address, runPlace),
    body: packMessage({ ...message, again: true }, slots)
  })
  if (stored) engine.repaired(runIdOf(run.address))
}
