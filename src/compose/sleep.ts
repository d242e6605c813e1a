/** A wait between steps, which nobody has to keep a process alive for. */
import { received } from "../define/describe-value.ts"
import type { HowLong, WithUnit } from "../define/duration.ts"
import { isMoment, lengthOf } from "../define/times.ts"
import type { SleepNode } from "../plan/sleep.ts"
import { sleepOf, type Sleep, refuse } from "./members.ts"

/**
 * A step of a chain that gives on what arrives when its time is over: so long after that has arrived ("3 days"), or at a
 * moment (a `Date`), at once where that has passed. Nothing waits in a process: the broker keeps it. As a member of a group it takes nothing, gives nothing,
 * and keeps the group from ending sooner. It is no workflow by itself: put it into a chain with what it holds up.
 *
 * Throws a `CompositionError` for what is no such time.
 *
 * @example
 * const answer = await app.run(chain(add(4, 2), sleep("20 millis"), mul(3))) // 18
 */
export function sleep(time: HowLong<WithUnit<"sleep">> | Date): Sleep
export function sleep(time: HowLong<string> | Date): Sleep {
  return sleepOf(Object.freeze({ kind: "sleep", ...timeOf(time) }))
}

const timeOf = (time: HowLong<string> | Date): Omit<SleepNode, "kind"> => {
  if (time instanceof Date) {
    return isMoment(time)
      ? { until: time.getTime() }
      : refuse(`sleep takes a duration or a valid Date, not ${received(time)}`)
  }
  const length = lengthOf("sleep's time", time)
  return typeof length === "string" ? refuse(length) : { for: length }
}
