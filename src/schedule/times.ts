/** The times of a schedule: the next one, the newest of many, and how many there are. */
import { cronTimes } from "./cron.ts"
import type { Range } from "./spec.ts"

export interface Times {
  /** The first after a moment; none when there is no more. */
  after(moment: number): number | undefined
  /** How many there are from one moment on and before another. Beyond a hundred of a cron's, a hundred. */
  count(from: number, before: number): number
}

/** How many times of a cron are counted: each has to be worked out, in about a tenth of a millisecond. */
const mostCounted = 100

export const timesOf = ({ when, from, until }: Range): Times => {
  const next = "cron" in when ? cronTimes(when.cron, when.timeZone) : everyTimes(when)
  const after = (moment: number): number | undefined => {
    const time = next(from === undefined ? moment : Math.max(moment, from - 1))
    return time === undefined || (until !== undefined && time > until) ? undefined : time
  }
  const count = (first: number, before: number): number => {
    const begin = after(first - 1)
    if (begin === undefined || begin >= before) return 0
    if ("every" in when) {
      const end = until === undefined ? before : Math.min(before, until + 1)
      return Math.floor((end - 1 - begin) / when.every) + 1
    }
    return upTo(after, begin, before, mostCounted).length
  }
  return { after, count }
}

/** Counted from the epoch, so that no deploy moves them. */
const everyTimes =
  ({ every, offset }: { readonly every: number; readonly offset: number }) =>
  (moment: number): number =>
    offset + (Math.floor((moment - offset) / every) + 1) * every

/** Times from the first on and before a moment, so many at most. */
const upTo = (
  after: Times["after"],
  first: number,
  before: number,
  most: number
): ReadonlyArray<number> => {
  const found: Array<number> = []
  let time: number | undefined = first
  while (time !== undefined && time < before && found.length < most) {
    found.push(time)
    time = after(time)
  }
  return found
}

/** The newest times from one moment on and before another, so many at most; the oldest of them first. */
export const newest = (
  { after }: Pick<Times, "after">,
  from: number,
  before: number,
  most: number
): ReadonlyArray<number> => {
  const first = after(from - 1)
  if (first === undefined || first >= before) return []
  // Looks at longer and longer ends of that time, so that a second's schedule after a year costs no more than a day's.
  for (let length = 1_000 * most; ; length *= 4) {
    const begin = before - length
    if (begin <= first) return newestFrom(after, first, before, most)
    const found = newestFrom(after, after(begin - 1), before, most)
    if (found.length >= most) return found
  }
}

const newestFrom = (
  after: Times["after"],
  first: number | undefined,
  before: number,
  most: number
): ReadonlyArray<number> => {
  const found: Array<number> = []
  let time = first
  while (time !== undefined && time < before) {
    found.push(time)
    if (found.length > 2 * most) found.splice(0, found.length - most)
    time = after(time)
  }
  return found.slice(-most)
}
