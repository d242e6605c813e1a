/** Starts of schedules that are late: how they are found, and told to people. */
import { received } from "../../define/describe-value.ts"
import { unpackMessage, Unreadable } from "../../encode/codec.ts"
import type { ScheduleMessage } from "../../encode/schedule-message.ts"
import { systemQueue, tickLevel } from "../../encode/subjects.ts"
import type { Broker, LaneState } from "../../broker/broker.ts"
import { oldestIn, roughly } from "../unserved.ts"
import { dueOf } from "./declare.ts"

/** So much later than it is due a start is late, in milliseconds: workers that start again are no news. */
const noticeable = 15_000

/** Since when the next start of a schedule is owed, in epoch milliseconds, where it is late. */
export const overdueSince = (message: ScheduleMessage, now: number): number | undefined => {
  const due = dueOf(message)
  return due !== undefined && now - due >= noticeable ? due : undefined
}

/** What is wrong, and what to do about it, where ticks of schedules wait to be seen to for too long. */
export const lateTicks = async (
  broker: Pick<Broker, "facts" | "now" | "page">,
  lanes: ReadonlyArray<LaneState>
): Promise<string | undefined> => {
  const lane = lanes.find(({ queue, level }) => queue === systemQueue && level === tickLevel)
  if (lane === undefined || lane.pending + lane.out === 0) return undefined
  const oldest = await oldestIn(broker, lane)
  if (oldest === undefined) return undefined
  const lasts = broker.now() - oldest.at
  if (lasts < noticeable) return undefined
  const parcel = unpackMessage(oldest.body)
  const name =
    parcel instanceof Unreadable || parcel.message.kind !== "tick" ? undefined : parcel.message.name
  const which = name === undefined ? "" : `schedule ${received(name)}, `
  const many = lane.pending + lane.out
  const besides = many === 1 ? "" : ` (${many} wait)`
  const why =
    lane.asking === 0 && lane.out === 0
      ? "No worker of this namespace is there: start one"
      : "Workers are there and do not get to it: look in their health for an event loop that was blocked, and at the load of the server; or start another worker"
  return `schedules are not started in time: ${which}due for ${roughly(lasts)}${besides}. ${why}. What is missed meanwhile is made good as misfire says.`
}
