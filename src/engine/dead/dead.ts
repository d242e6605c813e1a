/** Dead letters as they are stored: found page by page, read with the body that nobody could handle, and removed. */
import type { CallMessage, DeadMessage, ExpandMessage } from "../../encode/message.ts"
import { unpackKind, unpackMessage, Unreadable, type Parcel } from "../../encode/codec.ts"
import { kinds } from "../../encode/kinds.ts"
import {
  addressOf,
  deadBodySubject,
  deadSubject,
  parseSubject,
  recordSubject,
  runFilter,
  runIdOf,
  type RunAddress
} from "../../encode/subjects.ts"
import type { Stored } from "../../broker/broker.ts"
import type { Records } from "../records.ts"

/** A dead letter. */
export interface Dead {
  /** Its run's tokens and its own name: `owner.instance.run.name`. */
  readonly id: string
  readonly address: RunAddress
  /** The run it belongs to, unless it names none. */
  readonly run: string | undefined
  /** Where its record stands. */
  readonly record: string
  /** When its record was stored: epoch milliseconds, broker clock. */
  readonly stored: number
  /** What the letter says; or why that cannot be read, as with one that a newer release wrote. */
  readonly message: DeadMessage | Unreadable
  /** The body as it arrived, unless it stands in a record beside. */
  readonly inline: Uint8Array | undefined
}

/** The id of a dead letter: how `read`, `redrive` and `drop` find it. */
export const letterId = ({ owner, instance, run }: RunAddress, name: string): string =>
  `${owner}.${instance}.${run}.${name}`

/** What a body can begin a run with. */
export type Beginner = Parcel<CallMessage | ExpandMessage>

/** At most `limit` dead letters, the oldest first. */
export const pageOfDead = async (
  { broker, namespace }: Records,
  limit: number,
  from?: number
): Promise<{ readonly letters: ReadonlyArray<Dead>; readonly next: number | undefined }> => {
  const everywhere = { owner: "*", instance: "*", run: "*" }
  const filter = deadSubject(namespace, everywhere, "*")
  const { records, next } = await broker.page(filter, limit, from)
  return { letters: records.flatMap((stored) => deadOf(stored) ?? []), next }
}

/** The dead letter with this id. */
export const findDead = async (records: Records, id: string): Promise<Dead | undefined> => {
  const subject = subjectOf(records, id)
  const stored = subject === undefined ? undefined : await records.broker.read(subject)
  return stored === undefined ? undefined : deadOf(stored)
}

/** Every dead letter of a run, the one whose id is least first. */
export const deadOfRun = async (
  { broker, namespace }: Records,
  address: RunAddress
): Promise<ReadonlyArray<Dead>> =>
  (await broker.readAll(deadSubject(namespace, address, "*")))
    .flatMap((stored) => deadOf(stored) ?? [])
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))

/** The body of a dead letter, wherever it stands. */
export const bodyOf = async ({ broker, namespace }: Records, dead: Dead): Promise<Uint8Array> => {
  if (dead.inline !== undefined) return dead.inline
  const name = dead.id.slice(dead.id.lastIndexOf(".") + 1)
  const stored = await broker.read(deadBodySubject(namespace, dead.address, name))
  return stored?.body ?? new Uint8Array()
}

/** What a body says that could begin a run, or why it cannot. */
export const beginnerIn = (body: Uint8Array): Beginner | string => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable) {
    return obstacleIn(parcel.why === "newer" ? "its body has" : "its body", parcel)
  }
  const { message, slots } = parcel
  return message.kind === "call" || message.kind === "expand"
    ? { message, slots }
    : `its body is no call, but a message of the kind ${message.kind}`
}

/** What a letter says; nothing when that cannot be read. */
export const saidIn = ({ message }: Dead): DeadMessage | undefined =>
  message instanceof Unreadable ? undefined : message

/** Removes one dead letter with its body. */
export const removeDead = async (
  { broker, namespace }: Records,
  { address, id }: Dead
): Promise<void> => {
  const name = id.slice(id.lastIndexOf(".") + 1)
  await broker.purge(recordSubject(namespace, kinds.deadLetter, address, name, "*"))
}

/** Removes all dead letters of a run, at once. */
export const removeDeadOfRun = ({ broker, namespace }: Records, run: RunAddress): Promise<void> =>
  broker.purge(runFilter(namespace, kinds.deadLetter, run))

const deadOf = (stored: Stored): Dead | undefined => {
  const parts = parseSubject(stored.subject)
  // A large body stands beside its letter.
  if (parts === undefined || parts.index !== "_") return undefined
  const { owner, instance, run, node } = parts
  const address = { owner, instance, run }
  const id = runIdOf(address)
  return {
    id: letterId(address, node),
    address,
    run: addressOf(id) === undefined ? undefined : id,
    record: stored.subject,
    stored: stored.at,
    ...letterIn(stored.body)
  }
}

const letterIn = (record: Uint8Array): Pick<Dead, "message" | "inline"> => {
  try {
    const { message, slots } = unpackKind(record, "dead")
    const inline =
      slots[0] === undefined ? undefined : Buffer.from(JSON.parse(slots[0]) as string, "base64")
    return { message, inline }
  } catch (cause) {
    return { message: unreadable(cause), inline: undefined }
  }
}

const unreadable = (cause: unknown): Unreadable =>
  cause instanceof Unreadable
    ? cause
    : new Unreadable({
        why: "broken",
        message: `a dead letter with a body in no form: ${String(cause)}`
      })

/** Why something cannot be acted on here, and by whom it can. */
export const obstacleIn = (what: string, { why, message }: Unreadable): string =>
  why === "newer"
    ? `${what} ${message}, so it is of a newer release: redrive it with that release`
    : `${what} cannot be read: ${message}`

const subjectOf = ({ namespace }: Records, id: string): string | undefined => {
  const tokens = id.split(".")
  if (tokens.length !== 4 || !tokens.every((token) => /^[^\s*>]+$/.test(token))) return undefined
  const [owner, instance, run, name] = tokens as [string, string, string, string]
  return deadSubject(namespace, { owner, instance, run }, name)
}
