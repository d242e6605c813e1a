/**
 * What timers there are, and what each means; they are set and removed here, and nowhere else.
 *
 * A server that fires a timer removes, with what it puts on the target, whatever stands on the timer's subject by then:
 * one that was set there meanwhile is lost. So a subject is set again only where the fired call, which is stored after
 * what it has removed was set, looks at what is stored and sets again what is owed. What that look could not know has a
 * subject that is used for one moment only.
 */
import { parseSubject, type RunAddress, timerSubject as subjectOf } from "../encode/subjects.ts"
import type { Begins, Publication, Published } from "../broker/broker.ts"
import type { Records } from "./records.ts"

interface Facts {
  /** Of a `step` there is one under its name; of a `run`, one for each index; of a `schedule`, one for each moment. */
  readonly of: "step" | "run" | "schedule"
  /** A call of the run waits in it: so the run goes on, although nothing of it is queued. */
  readonly holdsCall: boolean
  /** It is removed when the run has ended, and nothing is kept until it has fired. */
  readonly endsWithRun: boolean
}

/** All of them: a timer is added by one line, and by what the compiler then asks for. */
export const timers = {
  /** The next attempt of a step. */
  retry: { of: "step", holdsCall: true, endsWithRun: true },
  /** A call that no worker could do: it goes back to its queue. */
  parked: { of: "step", holdsCall: true, endsWithRun: false },
  /** A call that is not to begin yet. */
  delay: { of: "step", holdsCall: true, endsWithRun: true },
  /** The end of a sleep. */
  sleep: { of: "step", holdsCall: true, endsWithRun: true },
  /** A call is to have begun. */
  expiry: { of: "step", holdsCall: false, endsWithRun: true },
  /** The run is to be over. */
  deadline: { of: "run", holdsCall: false, endsWithRun: true },
  /** The run is looked after. */
  collect: { of: "run", holdsCall: false, endsWithRun: false },
  /** Something of a schedule is due. */
  tick: { of: "schedule", holdsCall: false, endsWithRun: false }
} as const satisfies { readonly [name: string]: Facts }

type All = typeof timers
type TimerKind = keyof All
type With<F extends Partial<Facts>> = {
  readonly [T in TimerKind]: All[T] extends F ? T : never
}[TimerKind]

export type StepTimer = With<{ readonly of: "step" }>
export type RunTimer = With<{ readonly of: "run" }>
/** A timer that a call of the run waits in. */
export type HoldingTimer = With<{ readonly holdsCall: true }>

const every = Object.keys(timers) as ReadonlyArray<TimerKind>

const those = <T extends TimerKind>(facts: Partial<Facts>): ReadonlyArray<T> =>
  every.filter((kind): kind is T =>
    Object.entries(facts).every(([name, value]) => timers[kind][name as keyof Facts] === value)
  )

/** What a timer is called among those of its run, and what that says of it: `*` for any. */
export interface TimerName {
  readonly tokens: readonly [node: string, index: string]
  /** `e`: it ends with its run. */
  readonly ends: "e" | "_" | "*"
  /** `w`: a call waits in it. */
  readonly holds: "w" | "_" | "*"
}

const nameOf = (kind: TimerKind, node: string, index: string): TimerName => ({
  tokens: [node, index],
  ends: timers[kind].endsWithRun ? "e" : "_",
  holds: timers[kind].holdsCall ? "w" : "_"
})

/** A timer of a step; of all steps, when the step is `*`. */
export const stepTimer = (step: string, kind: StepTimer): TimerName => nameOf(kind, step, kind)

/** A timer of the run itself; all of a kind, when the index is `*`. */
export const runTimer = (kind: RunTimer, index = "_"): TimerName => nameOf(kind, kind, index)

/** All timers of a step in which its call waits. */
export const waitingOfStep = (step: string): TimerName => ({
  tokens: [step, "*"],
  ends: "*",
  holds: "w"
})

/** A timer of a schedule: of one revision, for one moment. All of a revision, when the moment is `*`. */
export const tickTimer = (revision: string, due: string): TimerName => nameOf("tick", revision, due)

/** All timers of a run. */
export const timersOfRun: TimerName = { tokens: ["*", "*"], ends: "*", holds: "*" }

/** All in which calls of a run wait: of those that this release knows. */
export const waitingOfRun: TimerName = { tokens: ["*", "*"], ends: "*", holds: "w" }

const endingWithRun: TimerName = { tokens: ["*", "*"], ends: "e", holds: "*" }

/** Of a timer for a body in which nothing can be written, as a newer release wrote it: says since when its call is parked. */
export const parkedSinceName = (node: string, since: number): TimerName => {
  const mark = `~${Math.floor(since).toString(36)}`
  // What looks after a run is no call of it.
  return isRunTimer(node) ? runTimer(node, mark) : stepTimer(`${node}${mark}`, "parked")
}

/** What that name says, in the subject of the timer. */
export const parkedSinceIn = (subject: string): number | undefined => {
  const found = /~([0-9a-z]{1,11})(?:\.parked)?$/.exec(subject)
  return found === null ? undefined : Number.parseInt(found[1]!, 36)
}

const allOf = (kind: TimerKind): TimerName =>
  timers[kind].of === "step" ? stepTimer("*", kind as StepTimer) : runTimer(kind as RunTimer, "*")

/** Timers in which calls wait, each with the name of all of its kind. */
export const holding: ReadonlyArray<readonly [HoldingTimer, TimerName]> = those<HoldingTimer>({
  holdsCall: true
}).map((kind) => [kind, allOf(kind)])

/** Timers of a run itself that do not keep it from being collected. */
export const keepingNothing: ReadonlyArray<TimerName> = those({
  of: "run",
  holdsCall: false,
  endsWithRun: false
}).map(allOf)

/** Which timer a subject is of; nothing where this release knows no such timer. */
export const timerIn = (subject: string): TimerKind | undefined => {
  const { node = "", index = "" } = parseSubject(subject) ?? {}
  return every.find((kind) => kind === (timers[kind].of === "step" ? index : node))
}

/** Whether a call on the system lane is what a timer of a run becomes. */
export const isRunTimer = (node: string): node is RunTimer =>
  those({ of: "run" }).some((kind) => kind === node)

export interface Timer {
  readonly name: TimerName
  /** When it fires: epoch milliseconds by the broker's clock. */
  readonly time: number
  /** The call that it becomes. */
  readonly target: string
  readonly body: Uint8Array
  /** A record that it must not follow. */
  readonly unless?: string
  /** Of one that begins work: what it is told from. */
  readonly begins?: Begins
}

/** What setting needs of the records. */
export type Timers = Pick<Records, "broker" | "namespace">

/** The subject of a timer; a filter when a token of the name is `*`. */
export const timerSubject = (
  namespace: string,
  address: RunAddress,
  { tokens, ends, holds }: TimerName
): string => subjectOf(namespace, address, { node: tokens[0], index: tokens[1], ends, holds })

/** What is stored to set a timer. It has no id: what the server fires would count as its copy. */
export const timerPublication = (
  namespace: string,
  address: RunAddress,
  { name, time, target, body, unless, begins }: Timer
): Publication => ({
  subject: timerSubject(namespace, address, name),
  ...(unless === undefined ? {} : { unless }),
  ...(begins === undefined ? {} : { begins }),
  body,
  fire: { time, target }
})

/** Sets a timer; one that stands there already is moved. */
export const setTimer = (
  { broker, namespace }: Timers,
  address: RunAddress,
  timer: Timer
): Promise<Published> => broker.publish(timerPublication(namespace, address, timer))

/** Removes the timers of a name. One that is just firing comes nevertheless, and has to be harmless. */
export const dropTimers = (
  { broker, namespace }: Timers,
  address: RunAddress,
  name: TimerName
): Promise<void> => broker.purge(timerSubject(namespace, address, name))

/** Removes the timers that end with their run. */
export const endTimers = (records: Timers, address: RunAddress): Promise<void> =>
  dropTimers(records, address, endingWithRun)

/** The same where there may be none: few runs have any, and to count is cheap where to remove is not. */
export const endTimersLeft = async (records: Timers, address: RunAddress): Promise<void> => {
  const { broker, namespace } = records
  if ((await broker.count(timerSubject(namespace, address, endingWithRun))) > 0) {
    await endTimers(records, address)
  }
}
