/**
 * What is done about a tick of a schedule: the time whose start is owed is started, the record is moved to the next, and the
 * timer of that is set. A tick is acknowledged only then, so that whoever dies on the way leaves it to another worker.
 *
 * There is one run of each time: its id is the time's, its first message is stored only while the record is the one that
 * was read, and where somebody may have stored it before, it is looked for first.
 */
import type { ScheduleMessage } from "../../encode/schedule-message.ts"
import { addressOf, parseSubject, runIdOf, type RunAddress } from "../../encode/subjects.ts"
import type { Delivery } from "../../broker/broker.ts"
import { decideTick, overlapping } from "../../schedule/tick.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { requestCancel } from "../run/cancel.ts"
import { standing } from "../run/status.ts"
import { readSchedule, rulesIn, said, standingOf, writeSchedule, type Scheduled } from "./record.ts"
import { isStarted, runAt, startAt } from "./start.ts"
import { tickOf } from "./put-off.ts"
import { setTick } from "./timer.ts"

/** Of a time that is older than this it is looked whether somebody has started it: the broker may have forgotten the id of its start. In milliseconds. */
const doubtful = 10_000

/** A start that is later than this has a run that is named by when it was begun: its outcome is kept from then on. In milliseconds. */
const late = 60_000

/** Does all that is due. Rejects where that fails: the tick comes again. */
export const tick = async (records: Records, delivery: Delivery): Promise<void> => {
  const { owner, instance } = parseSubject(delivery.subject)!
  const address = { owner, instance, run: "_" }
  const again = delivery.deliveries > 1 || delivery.doubtful === true || tickOf(delivery).again
  while (await step(records, address, delivery.at, again)) {
    // Until nothing more is due.
  }
  delivery.ack()
}

/** Does what is due next; answers with whether there may be more. `fired`: when the timer fired, by the broker's clock. */
const step = async (
  records: Records,
  address: RunAddress,
  fired: number,
  again: boolean
): Promise<boolean> => {
  const scheduled = await readSchedule(records, address)
  if (scheduled === undefined) return false
  const { message } = scheduled
  // A clock that is behind the broker's would set the timer that has just fired, again and again.
  const now = Math.max(records.broker.now(), fired)
  const decision = decideTick(standingOf(message), now)
  if (decision.do === "rest") return false
  if (decision.do === "wait") {
    await setTick(records, address, message, decision.until)
    return false
  }
  const missed = message.missed + decision.missed
  const [at, following = decision.next] = decision.starts
  const moved =
    at === undefined
      ? await move(records, scheduled, { next: decision.next, missed })
      : await go(records, scheduled, { at, next: following, missed, now, again })
  return moved === undefined || goesOn(records, address, moved, now)
}

/** Whether more is due of a schedule that was moved here; else sets its timer. */
const goesOn = async (
  records: Records,
  address: RunAddress,
  message: ScheduleMessage,
  now: number
): Promise<boolean> => {
  const next = decideTick(standingOf(message), now)
  if (next.do === "wait") await setTick(records, address, message, next.until)
  return next.do === "go"
}

/** Replaces the record, where it is still the one that was read: answers with what it says then. Whoever finds it moved reads it again. */
const move = async (
  records: Records,
  { message, ...scheduled }: Scheduled,
  changed: { readonly [K in keyof ScheduleMessage]?: ScheduleMessage[K] | undefined }
): Promise<ScheduleMessage | undefined> => {
  const after = said<object>({ ...message, began: undefined, ...changed }) as ScheduleMessage
  return (await writeSchedule(records, { ...scheduled, message: after })) ? after : undefined
}

interface Due {
  readonly at: number
  /** What is next when this is done. */
  readonly next: number | undefined
  readonly missed: number
  readonly now: number
  readonly again: boolean
}

const go = async (
  records: Records,
  scheduled: Scheduled,
  due: Due
): Promise<ScheduleMessage | undefined> => {
  const { message } = scheduled
  const { at, next, missed, now, again } = due
  const began = message.next === at ? message.began : undefined
  const isLate = began === undefined && now - at > late
  const run = runAt(scheduled, at, began ?? at)
  const mayBe = again || now - at > doubtful || began !== undefined
  const before = mayBe ? await found(records, scheduled, due, run) : undefined
  if (before === undefined) {
    const last = await underWay(records, message)
    const what = overlapping(message, last !== undefined)
    if (what === "skip") {
      return move(records, scheduled, { next, missed, skipped: message.skipped + 1 })
    }
    if (isLate) {
      return move(records, scheduled, { next: at, missed, began: now })
    }
    if (what === "cancel") {
      await requestCancel(records, last!, `the next time of the schedule ${message.name} has come`)
    }
    if (!(await startAt(records, scheduled, run, again))) return undefined
  }
  const { address: of } = before ?? run
  return move(records, scheduled, { next, missed, last: { at, run: runIdOf(of) } })
}

/** The run of a time, where somebody has started it: perhaps while it was not late yet. */
const found = async (
  records: Records,
  scheduled: Scheduled,
  { at }: Due,
  run: RunFacts
): Promise<RunFacts | undefined> => {
  if (await isStarted(records, run)) return run
  const early = runAt(scheduled, at, at)
  const isOther = early.address.run !== run.address.run
  return isOther && (await isStarted(records, early)) ? early : undefined
}

/** The run of the time before, while it has not ended. */
const underWay = async (
  records: Records,
  message: ScheduleMessage
): Promise<{ readonly address: RunAddress; readonly keep: number } | undefined> => {
  const { last, keep } = message
  const address = last === undefined ? undefined : addressOf(last.run)
  if (address === undefined || rulesIn(message).overlap === "allow") return undefined
  const known = await standing(records, address, keep)
  const goesOn = known === "pending" || known === "running" || known === "retrying"
  return goesOn ? { address, keep } : undefined
}
