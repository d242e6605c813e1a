/** The timers of schedules: each on a subject that is used for one moment only, so that none is lost as it fires. */
import { packMessage } from "../../encode/codec.ts"
import { tickSubject } from "../../encode/scheduled.ts"
import { systemQueue, tickLevel, type RunAddress } from "../../encode/subjects.ts"
import type { Lane } from "../../broker/broker.ts"
import type { Records } from "../records.ts"
import { dropTimers, setTimer, tickTimer, timerSubject } from "../timers.ts"

/** Where ticks wait. */
export const tickLane: Lane = { queue: systemQueue, level: tickLevel }

/** What a tick is of. */
interface Ticking {
  readonly name: string
  readonly revision: string
  /** Of one that could not be done: since when. */
  readonly since?: number
}

/** Has a schedule looked after at a moment. Set again for the same moment it is the same timer. */
export const setTick = async (
  records: Records,
  address: RunAddress,
  { name, revision, since }: Ticking,
  time: number
): Promise<void> => {
  const due = String(Math.ceil(time))
  records.broker.know(tickLane)
  await setTimer(records, address, {
    name: tickTimer(revision, due),
    time,
    target: tickSubject(records.namespace, address, revision, due),
    body: packMessage({ v: 1, kind: "tick", name, ...(since === undefined ? {} : { since }) })
  })
}

/** Removes the timers of a revision that nobody needs any more. */
export const dropTicks = (records: Records, address: RunAddress, revision: string): Promise<void> =>
  dropTimers(records, address, tickTimer(revision, "*"))

/** Whether anything is there by which a schedule goes on: a timer, or a tick that is on its way. */
export const goesOnBy = async (
  { broker, namespace }: Records,
  address: RunAddress,
  revision: string
): Promise<boolean> => {
  const timers = timerSubject(namespace, address, tickTimer(revision, "*"))
  if ((await broker.count(timers)) > 0) return true
  return (await broker.count(tickSubject(namespace, address, "*", "*"))) > 0
}
