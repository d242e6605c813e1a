/**
 * Sets and removes timers; nothing else does.
 *
 * A server that fires a timer removes, with what it puts on the target, whatever stands on the timer's subject by then:
 * one that was set there meanwhile is lost. So a subject is set again only where the fired call, which is stored after
 * what it has removed was set, looks at what is stored and sets again what is owed. What that look could not know has a
 * subject that is used for one moment only.
 */
import { kinds } from "../encode/kinds.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import type { Published } from "../transport/broker.ts"
import type { Records } from "./records.ts"

/** What a timer is called among those of its run. */
export type TimerName = readonly [node: string, index?: string]

export interface Timer {
  readonly name: TimerName
  /** When it fires: epoch milliseconds by the broker's clock. */
  readonly time: number
  /** The call that it becomes. */
  readonly target: string
  readonly body: Uint8Array
  /** A record that it must not follow. */
  readonly unless?: string
}

/** What setting needs of the records. */
export type Timers = Pick<Records, "broker" | "namespace">

/** The subject of a timer; a filter when a token of the name is `*`. */
export const timerSubject = (namespace: string, address: RunAddress, name: TimerName): string =>
  recordSubject(namespace, kinds.timer, address, ...name)

/** Sets a timer; one that stands there already is moved. */
export const setTimer = (
  { broker, namespace }: Timers,
  address: RunAddress,
  { name, time, target, body, unless }: Timer
): Promise<Published> =>
  broker.publish({
    subject: timerSubject(namespace, address, name),
    ...(unless === undefined ? {} : { unless }),
    body,
    fire: { time, target }
  })

/** Removes the timers of a name. One that is just firing comes nevertheless, and has to be harmless. */
export const dropTimers = (
  { broker, namespace }: Timers,
  address: RunAddress,
  name: TimerName
): Promise<void> => broker.purge(timerSubject(namespace, address, name))
