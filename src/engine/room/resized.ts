/** A message that waits in a queue, as the broker takes it now: it may take less than it took when the message was stored. */
import { packMessage, type Parcel, unpackMessage, Unreadable } from "../../encode/codec.ts"
import type { CallMessage, ExpandMessage, SleepMessage } from "../../encode/message.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { scheduleCleanup } from "../run/run-timers.ts"
import { joinArguments } from "../value.ts"

/** A message with values in it. */
type Sized = CallMessage | ExpandMessage | SleepMessage

/** The run that a message is of, where that can be told. */
export type RunOf = (message: Sized) => RunFacts | undefined

/**
 * The body as it is, or with its values kept in parts, when it is to be stored again and has come to be too large. `of`: the
 * run that it is of, or who can tell.
 */
export const resized = async (
  records: Records,
  body: Uint8Array,
  of: RunFacts | RunOf
): Promise<Uint8Array> => {
  if (records.takes(body)) return body
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable || !mayBeSplit(parcel)) return body
  const run = typeof of === "function" ? of(parcel.message) : of
  return run === undefined ? body : inParts(records, run, parcel)
}

/** Whether it has anything to keep apart. */
const mayBeSplit = (parcel: Parcel): parcel is Parcel<Sized> => {
  const { message } = parcel
  if (message.kind === "call") return true
  return (message.kind === "expand" || message.kind === "sleep") && message.input === undefined
}

const inParts = async (
  records: Records,
  run: RunFacts,
  { message, slots }: Parcel<Sized>
): Promise<Uint8Array> => {
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

const withoutInput = async <M extends ExpandMessage | SleepMessage>(
  records: Records,
  run: RunFacts,
  message: M,
  input: string
): Promise<M> => ({
  ...message,
  input: (await records.keepText(run, input)).reference
})
