/** When a run is looked after next that goes on: what only time holds up needs no look before. */
import { unpackMessage, Unreadable } from "../../encode/codec.ts"
import type { RunAddress } from "../../encode/subjects.ts"
import type { Stored } from "../../broker/broker.ts"
import type { Context } from "../context.ts"
import type { Records } from "../records.ts"
import { type HoldingTimer, stepTimer, timerSubject } from "../timers.ts"
import { intervals, looksOf } from "./run-timers.ts"
import { callsBesides, waitingTimers } from "./under-way.ts"

/** How long after something was to begin its run is looked at, in milliseconds. */
const afterwards = 60_000

/** As many timers are read; with more of them the look comes late, at worst, and finds what it would have found before. */
const most = 100

const timed: ReadonlyArray<HoldingTimer> = ["delay", "sleep"]

/** Milliseconds until a run is looked after again of which something is under way. */
export const nextLook = async (
  { broker, records }: Context,
  address: RunAddress
): Promise<number> => {
  const due = await firstDue(records, address)
  if (due === undefined) return intervals.collect
  return Math.max(intervals.collect, due + afterwards - broker.now())
}

/** When the first of it begins, where delayed calls and sleeps are all that there is. */
const firstDue = async (records: Records, address: RunAddress): Promise<number | undefined> => {
  const { broker, namespace } = records
  const [all, ...each] = await Promise.all([
    waitingTimers(records, address),
    ...timed.map((kind) => waitingTimers(records, address, kind))
  ])
  if (all === 0 || all > each.reduce((sum, count) => sum + count, 0)) return undefined
  const looks = [looksOf(namespace, address)]
  if ((await callsBesides(records, address, looks)) > 0) return undefined
  const pages = await Promise.all(
    timed.map((kind) => broker.page(timerSubject(namespace, address, stepTimer("*", kind)), most))
  )
  const moments = pages.flatMap((page) => page.records.map(momentOf))
  const known = moments.filter((moment) => moment !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

const momentOf = ({ body }: Pick<Stored, "body">): number | undefined => {
  const parcel = unpackMessage(body)
  return parcel instanceof Unreadable ? undefined : dueOf(parcel.message)
}

/** When a message that waits in a timer comes out of it, where it says so. */
export const dueOf = (
  message: Exclude<ReturnType<typeof unpackMessage>, Unreadable>["message"]
): number | undefined => {
  if (message.kind === "call") return message.times?.due
  return message.kind === "sleep" ? message.until : undefined
}
