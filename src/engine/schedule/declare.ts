/** Declares schedules, and changes them from outside: each change is a timer first, where one is needed, and then the record. */
import { createHash } from "node:crypto"
import type { Json } from "../../define/plan.ts"
import { jsonText } from "../../define/json-text.ts"
import type { AnyWorkflow } from "../../define/workflow.ts"
import { newInstance } from "../../encode/ids.ts"
import { scheduleAddress, scheduleSubject, schedulesFilter } from "../../encode/scheduled.ts"
import { parseSubject, type RunAddress } from "../../encode/subjects.ts"
import type { ScheduleMessage } from "../../encode/schedule-message.ts"
import type { Rules } from "../../schedule/spec.ts"
import { dueAt } from "../../schedule/tick.ts"
import { timesOf } from "../../schedule/times.ts"
import type { Records } from "../records.ts"
import {
  fieldsOf,
  readSchedule,
  rulesIn,
  said,
  scheduledIn,
  type Scheduled,
  writeSchedule
} from "./record.ts"
import { refuseForeign } from "./foreign.ts"
import { dropTicks, goesOnBy, setTick } from "./timer.ts"

/** A schedule as it is declared. */
export interface Declared {
  readonly name: string
  /** Of those that are declared together. */
  readonly group?: string | undefined
  readonly workflow: AnyWorkflow
  /** As it is encoded. */
  readonly input: Json
  readonly rules: Rules
  readonly paused?: boolean | undefined
  /** How long the outcomes of its runs are kept, in milliseconds. */
  readonly keep: number
}

/** Stores a schedule under its name, unless the same is stored. Throws a `ContractError` for the name of one that is declared elsewhere. */
export const declareSchedule = async (
  records: Records,
  owner: string,
  declared: Declared
): Promise<Scheduled> => {
  const address = scheduleAddress(owner, declared.name)
  const slots = slotsOf(declared)
  const hash = hashOf(declared, slots)
  for (;;) {
    const before = await readSchedule(records, address)
    if (before?.message.hash === hash) {
      await mend(records, before)
      return before
    }
    refuseForeign(before?.message, declared)
    const message = messageOf(records, declared, hash, before?.message)
    const after = { address, message, slots, sequence: before?.sequence ?? 0 }
    if (await change(records, after, before)) return after
  }
}

/** Tells one declaration from another. */
export const declarationOf = (declared: Declared): string => hashOf(declared, slotsOf(declared))

const slotsOf = ({ workflow, input }: Declared): ReadonlyArray<string> => [
  jsonText(workflow["~arpeggio"].plan),
  jsonText(input)
]

const hashOf = (
  { group, rules, paused, keep, workflow }: Declared,
  slots: ReadonlyArray<string>
): string => {
  const { start = {} } = workflow["~arpeggio"]
  const all = [group, rules, paused, keep, start.deadline, slots]
  return createHash("sha256").update(JSON.stringify(all)).digest("base64url").slice(0, 22)
}

/** A time that was owed before stays owed where its times are the same: a deploy does not put it off. */
const messageOf = (
  { broker }: Records,
  { name, group, rules, paused, keep, workflow }: Declared,
  hash: string,
  before: ScheduleMessage | undefined
): ScheduleMessage => {
  const now = broker.now()
  const isSame = before !== undefined && sameTimes(rulesIn(before), rules)
  const stays = paused === undefined ? before?.paused : paused ? { since: now } : undefined
  const goesOn = isSame && before.paused === undefined
  return said({
    v: 1,
    kind: "schedule",
    name,
    group,
    hash,
    revision: newInstance(),
    ...fieldsOf(rules),
    keep,
    deadline: workflow["~arpeggio"].start?.deadline,
    next: goesOn ? before.next : timesOf(rules).after(now),
    began: goesOn ? before.began : undefined,
    last: before?.last,
    paused: stays,
    skipped: before?.skipped ?? 0,
    missed: before?.missed ?? 0
  } as ScheduleMessage)
}

const sameTimes = (left: Rules, right: Rules): boolean => {
  const times = ({ when, from, until }: Rules): string => JSON.stringify([when, from, until])
  return times(left) === times(right)
}

/** For so long a change may be under way until its first timer fires, in milliseconds. */
const meanwhile = 30_000

/**
 * The timer first, so that whoever dies behind the record leaves one. It must not fire before the record is there, as it would
 * find nothing to do: a time that comes sooner has a timer besides, behind the record.
 */
const change = async (
  records: Records,
  after: Scheduled,
  before: Scheduled | undefined
): Promise<boolean> => {
  const { address, message } = after
  const due = dueOf(message)
  const safe = due === undefined ? undefined : Math.max(due, records.broker.now() + meanwhile)
  if (safe !== undefined) await setTick(records, address, message, safe)
  if (!(await writeSchedule(records, after))) {
    await dropTicks(records, address, message.revision)
    return false
  }
  if (due !== undefined && due !== safe) await setTick(records, address, message, due)
  if (before !== undefined) await dropTicks(records, address, before.message.revision)
  return true
}

/** When something of a schedule is due next. */
export const dueOf = (message: ScheduleMessage): number | undefined => {
  const { name, next, paused } = message
  if (next === undefined || paused !== undefined) return undefined
  return dueAt({ rules: rulesIn(message), name }, next)
}

/** A schedule whose timer is gone, with a stream that was restored from a copy, for example, gets another. */
const mend = async (records: Records, { address, message }: Scheduled): Promise<void> => {
  const due = dueOf(message)
  if (due === undefined || (await goesOnBy(records, address, message.revision))) return
  await setTick(records, address, message, due)
}

/** Stops a schedule until it is resumed; of one that is paused another reason is stored. Answers with nothing where there is none. */
export const pauseSchedule = (
  records: Records,
  address: RunAddress,
  reason: string | undefined
): Promise<Scheduled | undefined> =>
  changed(records, address, (message) => {
    const { paused } = message
    if (paused !== undefined && (reason === undefined || reason === paused.reason)) return undefined
    const since = paused?.since ?? records.broker.now()
    return { ...message, paused: reason === undefined ? { since } : { since, reason } }
  })

/** Lets a schedule go on with the first time that is to come. */
export const resumeSchedule = (
  records: Records,
  address: RunAddress
): Promise<Scheduled | undefined> =>
  changed(records, address, (message) => {
    if (message.paused === undefined) return undefined
    const next = timesOf(rulesIn(message)).after(records.broker.now())
    const goesOn = { next, began: undefined, paused: undefined, revision: newInstance() }
    return said<object>({ ...message, ...goesOn }) as ScheduleMessage
  })

const changed = async (
  records: Records,
  address: RunAddress,
  how: (message: ScheduleMessage) => ScheduleMessage | undefined
): Promise<Scheduled | undefined> => {
  for (;;) {
    const before = await readSchedule(records, address)
    if (before === undefined) return undefined
    const message = how(before.message)
    if (message === undefined) return before
    const after = { ...before, message }
    if (message.revision === before.message.revision) {
      if (await writeSchedule(records, after)) return after
    } else if (await change(records, after, before)) return after
  }
}

/** Removes a schedule, if it is there: runs that it has started go on. */
export const deleteSchedule = async (records: Records, address: RunAddress): Promise<boolean> => {
  const { broker, namespace } = records
  const subject = scheduleSubject(namespace, address)
  let revision: string | undefined
  for (;;) {
    const found = await readSchedule(records, address)
    // One of another revision has been declared since.
    const another = revision !== undefined && found?.message.revision !== revision
    if (found === undefined || another) return revision !== undefined
    revision = found.message.revision
    await broker.purge(subject, found.sequence)
    await dropTicks(records, address, found.message.revision)
  }
}

/** How many are read at once. */
const page = 100

/** All schedules of an owner, in the order in which their records were stored. */
export async function* schedulesOf(records: Records, owner: string): AsyncGenerator<Scheduled> {
  const { broker, namespace } = records
  const filter = schedulesFilter(namespace, owner)
  let from: number | undefined = 0
  while (from !== undefined) {
    const { records: found, next } = await broker.page(filter, page, from)
    for (const stored of found) {
      const { instance } = parseSubject(stored.subject)!
      yield scheduledIn(stored, { owner, instance, run: "_" })
    }
    from = next
  }
}
