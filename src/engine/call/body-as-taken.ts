/** A queued message's body as the broker takes it now. */
import { unpackMessage, Unreadable } from "../../encode/codec.ts"
import { isAddress, parseSubject } from "../../encode/subjects.ts"
import type { Records } from "../records.ts"
import { inParts } from "../room/resized.ts"
import { runFactsOf } from "./job.ts"

/** Of what cannot be read, the body as it is. */
export const asTaken = async (
  records: Records,
  subject: string,
  body: Uint8Array
): Promise<Uint8Array> => {
  if (body.length <= records.broker.facts.maxBytes) return body
  const parts = parseSubject(subject)
  const parcel = unpackMessage(body)
  if (parts === undefined || !isAddress(parts) || parcel instanceof Unreadable) return body
  const { message } = parcel
  if (message.kind !== "call" && message.kind !== "expand") return body
  return (await inParts(records, runFactsOf(parts, message), parcel)) ?? body
}
