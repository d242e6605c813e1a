/** What the stream knows of a run, and what cannot be known when it knows nothing. */
import { inWords } from "../define/duration.ts"
import { startedAt } from "../encode/identity.ts"
import { kinds } from "../encode/kinds.ts"
import { isNewer, unpackKind, unpackMessage, Unreadable } from "../encode/parcel.ts"
import { isKeyed, keySubject, runFilter, runIdOf, type RunAddress } from "../encode/subjects.ts"
import { leastKeep, runPlace } from "../engine/frame.ts"
import type { Records } from "../engine/records.ts"
import { lookOf, looksOf, timerOf } from "../engine/run/looks.ts"
import { hasNewerTimers } from "../engine/run/newer.ts"
import { callsBesides, heldCalls } from "../engine/run/under-way.ts"
import type { Verdict } from "../engine/verdict.ts"
import { ResultExpired, UnknownRun } from "../result/failure.ts"

/** What the stream knows of a run. `unknown`: no trace of it, so that it has never been there, or is gone altogether. */
export type Known = Verdict | "pending" | "running" | "retrying" | "unknown" | "expired"

/**
 * Looks a run up. `keep` is how long its outcome is kept, in milliseconds, where what is stored of it does not say;
 * `accepted`, whether its start is known to have been stored.
 */
export const lookUp = async (
  records: Records,
  address: RunAddress,
  keep: number,
  accepted = false
): Promise<Known> => {
  const stored = await records.outcome(address, runPlace)
  if (stored !== undefined) return stored
  const { broker, namespace } = records
  // A call that looks after a run is none of its own, and may be all that is left of it.
  const asking = [looksOf(namespace, address)]
  const queued = (): Promise<number> => callsBesides(records, address, asking)
  const [held, calls, inner] = await Promise.all([
    heldCalls(records, address),
    queued(),
    broker.count(runFilter(namespace, kinds.outcome, address))
  ])
  if (held.retry > 0) return (await records.outcome(address, runPlace)) ?? "retrying"
  // A call that waits in a timer may have gone back to its queue between the two counts.
  const timers = Object.values(held).reduce((sum, count) => sum + count, 0)
  const underWay =
    calls + timers > 0 || (await queued()) > 0 || (await hasNewerTimers(records, address))
  if (underWay && inner === 0) return "pending"
  const trace = underWay ? undefined : await traceOf(records, address)
  const since = await records.outcome(address, runPlace)
  if (since !== undefined) return since
  if (underWay) return "running"
  const isPast = broker.now() - startedAt(address.run) > (trace?.keep ?? keep)
  // Inner records stay for a while after the end, also when the outcome does not.
  const begun = inner > 0 || trace?.begun === true
  if (begun && !isPast) return "running"
  if (begun || accepted || trace?.proves === true) return "expired"
  // A timer alone may have been set for a start that never came.
  return trace !== undefined && isPast ? "expired" : "unknown"
}

/** What is left of a run of which nothing is under way. */
interface Trace {
  /** How long its outcome is kept, in milliseconds. */
  readonly keep: number
  /** It has a start that it can be begun again with. */
  readonly begun?: boolean
  /** It cannot be there unless the run was accepted. */
  readonly proves?: boolean
}

const traceOf = async (
  { broker, namespace }: Records,
  address: RunAddress
): Promise<Trace | undefined> => {
  const [timer, fired, key] = await Promise.all([
    broker.read(timerOf(namespace, address)),
    broker.read(lookOf(namespace, address)),
    isKeyed(address) ? broker.read(keySubject(namespace, address)) : undefined
  ])
  const found = timer ?? fired
  const parcel = found === undefined ? undefined : unpackMessage(found.body)
  if (
    parcel !== undefined &&
    !(parcel instanceof Unreadable) &&
    parcel.message.kind === "collect"
  ) {
    const { keep, start } = parcel.message
    if (start !== undefined) return { keep, begun: true, proves: true }
    if (key === undefined) return { keep }
  }
  if (key === undefined) return undefined
  const holder = unpackMessage(key.body)
  // Whose it is that a newer release has stored is not known here.
  if (isNewer(holder)) return undefined
  const { run, keep } = unpackKind(key.body, "key").message
  return run === address.run ? { keep, proves: true } : undefined
}

/** The error for a run of which nothing is stored: it says what is known for sure, and no more. */
export const absent = (
  { broker, namespace }: Records,
  address: RunAddress,
  known: "unknown" | "expired"
): UnknownRun | ResultExpired => {
  const run = runIdOf(address)
  const at = startedAt(address.run)
  const since = new Date(at).toISOString()
  if (known === "expired") {
    return new ResultExpired({
      run,
      message: `the outcome of run ${run} is no longer kept: it was started at ${since}, longer ago than its outcome was to be kept, or its records were removed. Keep outcomes longer with connect({ retention }) where runs are started, or store what matters in the task itself.`
    })
  }
  const compare = "Compare namespace and server with those of the process that started it"
  // No outcome is kept for less than that.
  const message =
    broker.now() - at < leastKeep
      ? `nothing is known of run ${run}: its start was never accepted in this namespace, or the id is wrong. ${compare}.`
      : `nothing is stored of run ${run} in namespace "${namespace}": its start was never accepted here, or its outcome is no longer kept (it would have been started at ${since}). ${compare}; how long outcomes are kept is the retention given there (${inWords(3_600_000)} unless it says otherwise).`
  return new UnknownRun({ run, message })
}
