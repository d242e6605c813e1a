/**
 * Schedules that are declared together: those are stored, and others of their group are deleted.
 *
 * While a deploy is under way two versions of a program declare the same group, and any of their processes may start at any
 * moment. What counts is what was declared last for the first time, for as long as processes of that version say so each
 * minute: an older one that starts again meanwhile changes nothing, and takes its place only when it hears no more of it.
 */
import { createHash } from "node:crypto"
import { packMessage, unpackKind } from "../../encode/codec.ts"
import { scheduleAddress, scheduleGroupSubject } from "../../encode/scheduled.ts"
import type { ScheduleGroupMessage } from "../../encode/schedule-message.ts"
import type { Records } from "../records.ts"
import { refuseForeign } from "./foreign.ts"
import {
  declarationOf,
  declareSchedule,
  deleteSchedule,
  schedulesOf,
  type Declared
} from "./declare.ts"

/** In milliseconds; in one place, so that a test can be impatient. */
export const groupTimes = {
  /** How often a process says that its version is there. */
  say: 60_000,
  /** A version of which nothing was heard for so long is gone. */
  gone: 180_000
}

/** So many versions are remembered. */
const remembered = 20

export interface Group {
  readonly owner: string
  readonly name: string
  /** Each with the name of the group. */
  readonly schedules: ReadonlyArray<Declared>
}

/** A schedule as one of a group. */
export const within = (
  schedule: Omit<Declared, "group" | "keep">,
  group: string,
  keep: number
): Declared => {
  const { name, workflow, input, rules, paused } = schedule
  return { name, group, workflow, input, rules, paused, keep }
}

/** What has become of a group: this version counts, and was put in place now or before; or another one does. */
export type Synced = "applied" | "counts" | "older"

/** Which schedules were stored and which deleted, by their names. */
export interface Changes {
  readonly stored: ReadonlyArray<string>
  readonly deleted: ReadonlyArray<string>
}

const hashOf = ({ schedules }: Group): string => {
  const all = schedules.map((each) => [each.name, declarationOf(each)]).toSorted()
  return createHash("sha256").update(JSON.stringify(all)).digest("base64url").slice(0, 22)
}

/** Puts a group in place, unless a newer version of it is there. */
export const keepGroup = async (records: Records, group: Group): Promise<Synced> => {
  const { broker } = records
  const hash = hashOf(group)
  for (;;) {
    const { message, sequence } = await readGroup(records, group)
    const now = broker.now()
    const silent = message === undefined ? Infinity : now - message.at
    const isOurs = message?.hash === hash
    if (isOurs && silent < groupTimes.say) return "counts"
    if (!isOurs && message?.before.includes(hash) === true && silent < groupTimes.gone)
      return "older"
    await refuseOthers(records, group)
    if (!(await writeGroup(records, group, { hash, now, message, sequence }))) continue
    await applyGroup(records, group)
    return "applied"
  }
}

/** Puts a group in place, whatever was there. */
export const takeGroup = async (records: Records, group: Group): Promise<Changes> => {
  const hash = hashOf(group)
  await refuseOthers(records, group)
  for (;;) {
    const { message, sequence } = await readGroup(records, group)
    const now = records.broker.now()
    if (await writeGroup(records, group, { hash, now, message, sequence })) break
  }
  return applyGroup(records, group)
}

interface Read {
  readonly message: ScheduleGroupMessage | undefined
  readonly sequence: number
}

const readGroup = async ({ broker, namespace }: Records, { owner, name }: Group): Promise<Read> => {
  const stored = await broker.read(scheduleGroupSubject(namespace, owner, name))
  if (stored === undefined) return { message: undefined, sequence: 0 }
  const { message } = unpackKind(stored.body, "scheduleGroup")
  return { message, sequence: stored.sequence }
}

const writeGroup = async (
  { broker, namespace }: Records,
  { owner, name }: Group,
  { hash, now, message, sequence }: Read & { readonly hash: string; readonly now: number }
): Promise<boolean> => {
  const subject = scheduleGroupSubject(namespace, owner, name)
  const past = message === undefined ? [] : [message.hash, ...message.before]
  const before = [...new Set(past)].filter((each) => each !== hash).slice(0, remembered)
  const { stored } = await broker.publish({
    subject,
    given: { subject, sequence },
    replaces: true,
    body: packMessage({ v: 1, kind: "scheduleGroup", group: name, hash, at: now, before })
  })
  return stored
}

/** Before anything is stored: half a group in place would be worse than none. */
const refuseOthers = async (records: Records, { owner, schedules }: Group): Promise<void> => {
  const own = new Map(schedules.map((each) => [each.name, each]))
  for await (const { message } of schedulesOf(records, owner)) {
    const declared = own.get(message.name)
    if (declared !== undefined) refuseForeign(message, declared)
  }
}

const applyGroup = async (
  records: Records,
  { owner, name, schedules }: Group
): Promise<Changes> => {
  const named = new Set(schedules.map((each) => each.name))
  for (const each of schedules) await declareSchedule(records, owner, each)
  const deleted: Array<string> = []
  for await (const { message } of schedulesOf(records, owner)) {
    if (message.group !== name || named.has(message.name)) continue
    if (await deleteSchedule(records, scheduleAddress(owner, message.name)))
      deleted.push(message.name)
  }
  return { stored: [...named], deleted }
}
