/** What of a run is stored that has not ended: calls in their queues, and calls that wait in timers. */
import { kinds } from "../../encode/kinds.ts"
import { unpackMessage, Unreadable } from "../../encode/codec.ts"
import {
  isCancel,
  parseSubject,
  recordSubject,
  runFilter,
  type RunAddress,
  systemQueue
} from "../../encode/subjects.ts"
import { chainOf, crashIn } from "../../encode/thrown.ts"
import { expiresAt } from "../call/times.ts"
import {
  holding,
  type HoldingTimer,
  parkedSinceIn,
  timerIn,
  timersOfRun,
  timerSubject
} from "../timers.ts"
import type { Records } from "../records.ts"
import { dueOf } from "./put-off.ts"
import type { Stored } from "../../broker/broker.ts"

/** How many steps are told of a run at most, and so how many records of a kind are read. */
const most = 20

/** A step that has not ended, as it is stored. */
export interface Pending {
  readonly step: string
  readonly task: string
  /** Of one that waits in a timer "", as only its plan says. */
  readonly queue: string
  readonly attempt: number
  readonly fingerprint: string
  /** Enclosing groups and maps, innermost first. */
  readonly scopes: ReadonlyArray<string>
  /** `queue`: it is in its queue, or in the hands of a worker; `newer`: in a timer that only a newer release knows. */
  readonly in: "queue" | HoldingTimer | "newer"
  /** Whether a worker has put it back, for one of a newer release. */
  readonly newer?: true
  /** Whether a worker has put it back, for one that does its task in its version. */
  readonly strange: boolean
  readonly since: number
  readonly sequence: number
  /** Of one that waits for its next attempt, or for its time: when that begins; of the first also how the one before has ended. */
  readonly until?: number
  readonly last?: string
  /** When it is too late to begin it; of a first attempt. */
  readonly expires?: number
}

/** All that is under way of a run. */
export interface UnderWay {
  readonly steps: ReadonlyArray<Pending>
  readonly more: number
  /** When a cancel was asked for that nobody has carried out. */
  readonly cancel?: number
}

export const underWayOf = async (records: Records, address: RunAddress): Promise<UnderWay> => {
  const { broker, namespace } = records
  const filter = runFilter(namespace, kinds.call, address)
  const [queued, calls, timers, ...held] = await Promise.all([
    broker.page(filter, most),
    broker.count(filter),
    broker.page(timerSubject(namespace, address, timersOfRun), most),
    ...holding.map((timers) => heldIn(records, address, timers))
  ])
  const steps: Array<Pending> = []
  let looks = 0
  let cancel: number | undefined
  for (const record of queued.records) {
    const parts = parseSubject(record.subject)
    if (parts?.queue === systemQueue && !isExpansion(record)) {
      looks += 1
      if (isCancel(parts)) cancel = record.at
    } else steps.push(pendingIn(record, "queue"))
  }
  const strangers = timers.records.filter(({ subject }) => timerIn(subject) === undefined)
  const waiting = [
    ...held.flatMap(({ kind, records }) => records.map((record) => pendingIn(record, kind))),
    ...strangers.map((record) => pendingIn(record, "newer"))
  ]
  steps.push(...(await Promise.all(waiting.map((step) => withAttempt(records, address, step)))))
  const told = steps.slice(0, most)
  const all = calls - looks + held.reduce((sum, { count }) => sum + count, strangers.length)
  const more = Math.max(0, all - told.length)
  return { steps: told, more, ...(cancel === undefined ? {} : { cancel }) }
}

/** The calls that wait in timers of a kind, as many as are told, and how many there are. */
const heldIn = async (
  { broker, namespace }: Records,
  address: RunAddress,
  [kind, name]: (typeof holding)[number]
) => {
  const filter = timerSubject(namespace, address, name)
  const [{ records }, count] = await Promise.all([broker.page(filter, most), broker.count(filter)])
  return { kind, records, count }
}

const isExpansion = ({ body }: Stored): boolean => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable) return false
  return parcel.message.kind === "expand" || parcel.message.kind === "sleep"
}

/** Whether only time holds it up. */
export const isTimed = (place: Pending["in"]): place is "delay" | "sleep" =>
  place === "delay" || place === "sleep"

/** What a newer release wrote is told as far as its subject says. */
const pendingIn = (record: Stored, place: Pending["in"]): Pending => {
  const { subject, body, at, sequence } = record
  const parts = parseSubject(subject)
  const parcel = unpackMessage(body)
  const message = parcel instanceof Unreadable ? undefined : parcel.message
  const task = parts?.task ?? ""
  const since = parkedSinceIn(subject)
  const unread: Pending = {
    step: parts?.node.replace(/~.*$/, "") ?? "",
    task: task === "_" ? "" : task,
    queue: parts?.kind === kinds.call ? parts.queue : "",
    attempt: 1,
    fingerprint: "",
    scopes: [],
    in: place,
    strange: place === "parked",
    since: since ?? at,
    sequence,
    ...(since === undefined ? {} : { newer: true })
  }
  const due = message === undefined ? undefined : dueOf(message)
  const until = isTimed(place) && due !== undefined ? { until: due } : {}
  if (message?.kind === "sleep") {
    return { ...unread, task: "", since: message.since, ...until }
  }
  if (message?.kind !== "call") return unread
  const { step, attempt, fingerprint, scopes, parkedAt } = message
  const expires = expiresAt(message)
  const read = {
    ...unread,
    step,
    task: message.task,
    attempt,
    fingerprint,
    scopes,
    ...until,
    ...(expires === undefined ? {} : { expires })
  }
  return parkedAt === undefined ? read : { ...read, since: parkedAt, strange: true }
}

/** One that waits for its next attempt, with what is stored of the one before. */
const withAttempt = async (
  { broker, namespace }: Records,
  address: RunAddress,
  pending: Pending
): Promise<Pending> => {
  if (pending.in !== "retry") return pending
  const before = String(pending.attempt - 1)
  const stored = await broker.read(
    recordSubject(namespace, kinds.attempt, address, pending.step, before)
  )
  const parcel = stored === undefined ? undefined : unpackMessage(stored.body)
  if (parcel === undefined || parcel instanceof Unreadable) return pending
  const { message, slots } = parcel
  if (message.kind !== "attempt") return pending
  const { at, next, tag } = message
  return {
    ...pending,
    since: at,
    ...(next === undefined ? {} : { until: next }),
    last: endIn(tag, slots[0])
  }
}

const endIn = (tag: string, slot: string | undefined): string => {
  if (tag === "TimedOut") return "timed out"
  const json: unknown = slot === undefined ? undefined : JSON.parse(slot)
  if (tag === "Failed") {
    const { _tag } = Object(json) as { readonly _tag?: unknown }
    return `failed with ${String(_tag)}`
  }
  const thrown = crashIn(json)
  const words = chainOf(thrown)
  return words === "" ? `crashed with ${thrown.name}` : `crashed: ${thrown.name}: ${words}`
}
