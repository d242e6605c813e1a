/** What a schedule does at a moment: decided from its rules and the time that is next, never from what "now" is. */
import { createHash } from "node:crypto"
import type { Rules } from "./spec.ts"
import { newest, timesOf, type Times } from "./times.ts"

/** Where a schedule stands. */
export interface Standing {
  readonly rules: Rules
  /** Its name, by which its jitter differs from another's. */
  readonly name: string
  /** The time whose start is owed; none when there is no more. */
  readonly next?: number
  readonly paused: boolean
}

export type Decision =
  /** Nothing more comes of it by itself. */
  | { readonly do: "rest" }
  /** Nothing is due before then. */
  | { readonly do: "wait"; readonly until: number }
  /** Some times are passed over as missed, others are started, in this order; then another one is next. */
  | {
      readonly do: "go"
      readonly missed: number
      readonly starts: ReadonlyArray<number>
      readonly next: number | undefined
    }

/** How many are decided about at once. */
const atOnce = 100

/** When the start of a time is due: at once, or later by a part of the jitter that is the same whoever asks. */
export const dueAt = (
  { rules: { jitter }, name }: Omit<Standing, "next" | "paused">,
  time: number
): number => {
  if (jitter === 0) return time
  const chance = createHash("sha256").update(`${name}/${time}`).digest().readUInt32BE()
  return time + Math.floor((chance / 2 ** 32) * jitter)
}

/** What is to be done now. */
export const decideTick = (standing: Standing, now: number): Decision => {
  const { rules, next, paused } = standing
  if (paused || next === undefined) return { do: "rest" }
  const due = dueAt(standing, next)
  if (due > now) return { do: "wait", until: due }
  const times = timesOf(rules)
  // What is older than that is missed.
  const kept = now - rules.jitter - rules.tolerance
  return next >= kept
    ? { do: "go", missed: 0, ...inTime(standing, times, next, now) }
    : made(standing, times, { next, kept, now })
}

/** What is due of the times from one on. */
const inTime = (
  standing: Standing,
  { after }: Times,
  from: number | undefined,
  now: number
): { readonly starts: ReadonlyArray<number>; readonly next: number | undefined } => {
  const starts: Array<number> = []
  let time = from
  while (time !== undefined && starts.length < atOnce && dueAt(standing, time) <= now) {
    starts.push(time)
    time = after(time)
  }
  return { starts, next: time }
}

/** What is made good of times that are missed. */
const made = (
  standing: Standing,
  times: Times,
  { next, kept, now }: { readonly next: number; readonly kept: number; readonly now: number }
): Decision => {
  const { misfire, most } = standing.rules
  const rest = inTime(standing, times, times.after(kept - 1), now)
  const room =
    misfire === "all"
      ? most - rest.starts.length
      : misfire === "once" && rest.starts.length === 0
        ? 1
        : 0
  const late = room > 0 ? newest(times, next, kept, room) : []
  const missed = times.count(next, late[0] ?? kept)
  if (late.length === 0) return { do: "go", missed, ...rest }
  // Those that are in time have their turn when these have been started.
  const starts = late.slice(0, atOnce)
  return { do: "go", missed, starts, next: times.after(starts.at(-1)!) }
}

/** What becomes of a start while the run of the time before is under way. */
export const overlapping = (
  { overlap }: Pick<Rules, "overlap">,
  underWay: boolean
): "start" | "skip" | "cancel" => {
  if (!underWay || overlap === "allow") return "start"
  return overlap === "skip" ? "skip" : "cancel"
}
