/** When a call may begin and by when it has to, as moments: worked out from what is stored, so that whoever sends it again comes to the same. */
import type { Times } from "../../define/times.ts"
import type { CallMessage } from "../../encode/message.ts"
import { startedAt } from "../../encode/ids.ts"
import type { CallNode } from "../../define/plan.ts"
import type { Broker } from "../../broker/broker.ts"
import { isRedriven, type Frame, type Position } from "../flow/position.ts"

/** Epoch milliseconds, broker clock. */
export type Moments = NonNullable<CallMessage["times"]>

/**
 * From when the times of what begins are counted: the end of the step before; of the first in a workflow that a handler
 * returned, from when that was stored; of the first in a run, from its start, which its id says.
 */
export const countedFrom = ({ run, since }: Frame, behind: number | undefined): number =>
  behind ?? since ?? startedAt(run.address.run)

/** Nothing for a call that says nothing of time. */
export const momentsOf = (
  { delay, eta, expires }: Times,
  frame: Frame,
  behind: number | undefined
): Moments | undefined => {
  if (delay === undefined && eta === undefined && expires === undefined) return undefined
  const from = countedFrom(frame, behind)
  const due = eta ?? (delay === undefined ? undefined : from + delay)
  // Whoever redrives a run wants it done, however late.
  const ends =
    expires === undefined || isRedriven(frame.run.address)
      ? undefined
      : "at" in expires
        ? expires.at
        : Math.max(from, eta ?? from) + expires.after
  return {
    ...(due === undefined ? {} : { due }),
    ...(ends === undefined ? {} : { expires: ends })
  }
}

/** Since when it is too late to send a call, by the end of what it follows from. */
export const tooLateSince = (
  broker: Pick<Broker, "now">,
  { frame }: Position,
  call: CallNode,
  from: number | undefined
): number | undefined => {
  if (call.expires === undefined) return undefined
  const { expires } = momentsOf(call, frame, from) ?? {}
  return expires !== undefined && broker.now() >= expires ? expires : undefined
}

/** Whether a call has no attempt behind it, and is not to have one any more. */
export const hasExpired = (message: CallMessage, now: number): boolean =>
  now >= (expiresAt(message) ?? Infinity)

/** When it is too late to begin a call, if ever: what has begun once does not expire. */
export const expiresAt = ({ attempt, times }: CallMessage): number | undefined =>
  attempt === 1 ? times?.expires : undefined
