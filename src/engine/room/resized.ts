/** A message that waits in a queue, as the broker takes it now: it may take less than it took when the message was stored. */
import { packMessage, type Parcel, unpackMessage, Unreadable } from "../../encode/codec.ts"
import type { CallMessage, ExpandMessage } from "../../encode/message.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { scheduleCleanup } from "../run/schedule.ts"
import { joinArguments } from "../value.ts"

/** The body as it is, or with its values kept in parts, when it is to be stored again and has come to be too large. */
export const resized = async (
  records: Records,
  run: RunFacts,
  body: Uint8Array
): Promise<Uint8Array> => {
  if (body.length <= records.broker.facts.maxBytes) return body
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable) return body
  return (await inParts(records, run, parcel)) ?? body
}

/** The same of what has been read already; nothing where there is nothing to keep apart. */
export const inParts = async (
  records: Records,
  run: RunFacts,
  { message, slots }: Parcel
): Promise<Uint8Array | undefined> => {
  if (message.kind !== "call" && message.kind !== "expand") return undefined
  if (message.kind === "expand" && message.input !== undefined) return undefined
  // A run of one call has nothing else that would be collected.
  await scheduleCleanup(records, run)
  const [first = "[]", ...rest] = slots
  return message.kind === "call"
    ? packMessage(await withoutArguments(records, run, message, first), ["[]", ...rest])
    : packMessage(await withoutInput(records, run, message, first), rest)
}

const withoutArguments = async (
  records: Records,
  run: RunFacts,
  { first, open, ...message }: CallMessage,
  given: string
): Promise<CallMessage> => {
  // What is kept apart already is all that there is, or the first of what is given.
  if (message.args !== undefined) return message
  const whole =
    first === undefined
      ? given
      : joinArguments(await records.resolve(run.address, { reference: first }), given, open)
  const kept = await records.keepText(run, whole)
  return { ...message, args: kept.reference }
}

const withoutInput = async (
  records: Records,
  run: RunFacts,
  message: ExpandMessage,
  input: string
): Promise<ExpandMessage> => ({
  ...message,
  input: (await records.keepText(run, input)).reference
})
