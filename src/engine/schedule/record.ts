/** The record of a schedule: read from the leader, and replaced only where it is still the one that was read. */
import { packMessage, unpackKind } from "../../encode/codec.ts"
import type { ScheduleMessage } from "../../encode/schedule-message.ts"
import { scheduleSubject } from "../../encode/scheduled.ts"
import type { RunAddress } from "../../encode/subjects.ts"
import type { Stored } from "../../broker/broker.ts"
import type { Rules } from "../../schedule/spec.ts"
import type { Standing } from "../../schedule/tick.ts"
import type { Records } from "../records.ts"

/** A schedule as it is stored. */
export interface Scheduled {
  readonly address: RunAddress
  readonly message: ScheduleMessage
  /** The plan that it starts, and its input, as JSON. */
  readonly slots: ReadonlyArray<string>
  /** The number of its record. */
  readonly sequence: number
}

export const scheduledIn = ({ body, sequence }: Stored, address: RunAddress): Scheduled => ({
  address,
  sequence,
  ...unpackKind(body, "schedule")
})

export const readSchedule = async (
  { broker, namespace }: Pick<Records, "broker" | "namespace">,
  address: RunAddress
): Promise<Scheduled | undefined> => {
  const stored = await broker.read(scheduleSubject(namespace, address))
  return stored === undefined ? undefined : scheduledIn(stored, address)
}

/** Replaces the record that was read, or stores the first, where the number is 0. Answers with whether that is stored: somebody else may have been quicker. */
export const writeSchedule = async (
  { broker, namespace }: Pick<Records, "broker" | "namespace">,
  { address, message, slots, sequence }: Scheduled
): Promise<boolean> => {
  const subject = scheduleSubject(namespace, address)
  const { stored } = await broker.publish({
    subject,
    given: { subject, sequence },
    replaces: true,
    body: packMessage(message, slots)
  })
  return stored
}

/** The rules of a schedule. */
export const rulesIn = (message: ScheduleMessage): Rules => {
  const { cron, timeZone = "UTC", every = 1, offset = 0, from, until } = message
  const { misfire, most, tolerance, overlap, jitter } = message
  return {
    when: cron === undefined ? { every, offset } : { cron, timeZone },
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    misfire,
    most,
    tolerance,
    overlap,
    jitter
  }
}

/** The same as fields of the record. */
export const fieldsOf = ({
  when,
  ...rules
}: Rules): Omit<Rules, "when"> & Partial<ScheduleMessage> => ({
  ...when,
  ...rules
})

export const standingOf = (message: ScheduleMessage): Standing => {
  const { name, next, paused } = message
  return {
    rules: rulesIn(message),
    name,
    ...(next === undefined ? {} : { next }),
    paused: paused !== undefined
  }
}

/** Without what is `undefined`, which no record says. */
export const said = <M extends object>(message: M): M =>
  Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined)) as M
