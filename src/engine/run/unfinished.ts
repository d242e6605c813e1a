/** What of a run is stored that has not ended: calls in their queues, and calls that wait in timers. */
import { unpackMessage, Unreadable } from "../../encode/parcel.ts"
import {
  parseSubject,
  recordSubject,
  runFilter,
  type RunAddress,
  systemQueue
} from "../../encode/subjects.ts"
import { chainOf, crashIn } from "../../encode/thrown.ts"
import { timerSubject } from "../timers.ts"
import type { Records } from "../records.ts"
import type { Stored } from "../../transport/broker.ts"

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
  /** `queue`: it is in its queue, or in the hands of a worker. */
  readonly in: "queue" | "retry" | "parked"
  /** Whether a worker has put it back, for one that does its task in its version. */
  readonly strange: boolean
  readonly since: number
  readonly sequence: number
  /** Of one that waits for its next attempt: when that begins, and how the one before has ended. */
  readonly until?: number
  readonly last?: string
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
  const calls = runFilter(namespace, "t", address)
  const [queued, retries, parked, all, timers] = await Promise.all([
    broker.page(calls, most),
    broker.page(timerSubject(namespace, address, ["*", "retry"]), most),
    broker.page(timerSubject(namespace, address, ["*", "parked"]), most),
    broker.count(calls),
    broker.count(timerSubject(namespace, address, ["*", "retry"]))
  ])
  const steps: Array<Pending> = []
  let looks = 0
  let cancel: number | undefined
  for (const record of queued.records) {
    const parts = parseSubject(record.subject)
    if (parts?.queue === systemQueue && !isExpansion(record)) {
      looks += 1
      if (parts.node === "cancel") cancel = record.at
    } else steps.push(pendingIn(record, "queue"))
  }
  steps.push(...parked.records.map((record) => pendingIn(record, "parked")))
  steps.push(
    ...(await Promise.all(
      retries.records.map((record) => retryIn(records, address, pendingIn(record, "retry")))
    ))
  )
  const told = steps.slice(0, most)
  const more = all - looks + timers + parked.records.length - told.length
  return { steps: told, more: Math.max(0, more), ...(cancel === undefined ? {} : { cancel }) }
}

const isExpansion = ({ body }: Stored): boolean => {
  const parcel = unpackMessage(body)
  return !(parcel instanceof Unreadable) && parcel.message.kind === "expand"
}

/** What a newer release wrote is told as far as its subject says. */
const pendingIn = (record: Stored, place: Pending["in"]): Pending => {
  const { subject, body, at, sequence } = record
  const parts = parseSubject(subject)
  const parcel = unpackMessage(body)
  const message = parcel instanceof Unreadable ? undefined : parcel.message
  const task = parts?.task ?? ""
  const unread = {
    step: parts?.node.replace(/~.*$/, "") ?? "",
    task: task === "_" ? "" : task,
    queue: parts?.kind === "t" ? parts.queue : "",
    attempt: 1,
    fingerprint: "",
    scopes: [],
    in: place,
    strange: place === "parked",
    since: at,
    sequence
  }
  if (message?.kind !== "call") return unread
  const { step, attempt, fingerprint, scopes, parkedAt } = message
  const read = { ...unread, step, task: message.task, attempt, fingerprint, scopes }
  return parkedAt === undefined ? read : { ...read, since: parkedAt, strange: true }
}

/** With what is stored of the attempt before. */
const retryIn = async (
  { broker, namespace }: Records,
  address: RunAddress,
  pending: Pending
): Promise<Pending> => {
  const before = String(pending.attempt - 1)
  const stored = await broker.read(recordSubject(namespace, "a", address, pending.step, before))
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
