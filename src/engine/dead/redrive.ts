/**
 * Does the run of a dead letter again, as a new run that takes over what had succeeded.
 *
 * The new run's id is derived from the dead letter, its records are written unless they are there, its first message is
 * stored last but for the removal of the dead letter: so two who do this at once, or one who does it again after the
 * first died on the way, make one run. The old run stays as it is.
 */
import { derivedRun } from "../../encode/ids.ts"
import { isNewer, packMessage, Unreadable } from "../../encode/codec.ts"
import {
  callSubject,
  parseSubject,
  type RunAddress,
  type SubjectParts
} from "../../encode/subjects.ts"
import { isScope } from "../flow/closer.ts"
import { freeRun, scheduleCleanup, looksOf } from "../run/run-timers.ts"
import { readPast, takeOver } from "./copy.ts"
import {
  beginnerIn,
  bodyOf,
  deadOfRun,
  obstacleIn,
  removeDeadOfRun,
  saidIn,
  type Beginner,
  type Dead
} from "./dead.ts"
import {
  isStart,
  keepWithin,
  placeOf,
  queueOf,
  redriven,
  rootFrame,
  runPlace
} from "../flow/position.ts"
import type { Frame, Position, RunFacts } from "../flow/position.ts"
import { Frames } from "../flow/frame-store.ts"
import { Records } from "../records.ts"
import { expandMessage, messageId } from "../sender.ts"
import { refuseNewerKinds, isUnderWay } from "../run/under-way.ts"
import { findStart } from "../run/first-message-record.ts"
import { nothing } from "../value.ts"
import { beginning } from "../../broker/beginning.ts"

/** A dead letter from which a run can be begun, and how. */
export interface Redrivable {
  readonly dead: Dead
  readonly run: RunFacts
  readonly parts: SubjectParts
  readonly beginner: Beginner
}

/** How the run of a dead letter can be begun again, or why it cannot. */
export const redrivable = async (records: Records, dead: Dead): Promise<Redrivable | string> => {
  try {
    return await redrivableIn(records, dead)
  } catch (cause) {
    if (cause instanceof Unreadable) return obstacleIn("its run has", cause)
    throw cause
  }
}

const redrivableIn = async (records: Records, dead: Dead): Promise<Redrivable | string> => {
  if (dead.message instanceof Unreadable) return obstacleIn("it is", dead.message)
  const said = parseSubject(dead.message.subject)
  if (dead.run === undefined || said === undefined) return "it belongs to no run"
  const start = await findStart(records, dead.address)
  const beginner = beginnerIn(start?.body ?? (await bodyOf(records, dead)))
  if (typeof beginner === "string") return beginner
  if (await goesOn(records, dead.address)) {
    return `its run ${dead.run} still goes on: wait until it has ended, or cancel it`
  }
  const run = { address: dead.address, keep: keepWithin(beginner.message.keep) }
  const found: Redrivable = {
    dead,
    run,
    parts: (start && parseSubject(start.subject)) ?? said,
    beginner
  }
  if (beginner.message.frame === undefined) return found
  const root = await rootOf(records, found)
  if (root === undefined) return `the plan of run ${dead.run} is no longer stored`
  const { node } = beginner.message
  if (root.plan[node] !== undefined && isStart({ frame: root, node })) return found
  return `the first message of run ${dead.run} is no longer stored, so its input is not known`
}

/**
 * Starts the new run and removes the dead letters of the old one; gives the new run's address, or nothing when somebody
 * else has done so. With a `queue`, all that the old run had in the letter's queue goes there.
 */
export const redrive = async (
  records: Records,
  from: Redrivable,
  queue?: string
): Promise<RunAddress | undefined> => {
  const { run, beginner } = from
  const starting = new Records(beginning(records.broker))
  await refuseNewerKinds(records, run.address)
  const past = await readPast(records, run)
  // Read after the outcomes: a call is a dead letter before anything is made of its end.
  const letters = await deadOfRun(records, run.address)
  const newer = letters.find(({ message }) => isNewer(message))
  if (newer !== undefined) throw newer.message
  const first = letters[0]
  if (first === undefined || !letters.some(({ id }) => id === from.dead.id)) return undefined
  const address: RunAddress = {
    owner: run.address.owner,
    instance: redriven,
    run: derivedRun(saidIn(first)?.at ?? first.stored, first.id)
  }
  const { labels, trace, baggage, scheduled } = beginner.message
  const queues = rerouted(from, queue)
  const next: RunFacts = {
    address,
    keep: run.keep,
    ...(labels === undefined ? {} : { labels }),
    ...(trace === undefined ? {} : { trace }),
    ...(baggage === undefined ? {} : { baggage }),
    ...(scheduled === undefined ? {} : { scheduled }),
    ...(queues === undefined ? {} : { queues })
  }
  const parts = { ...from.parts, queue: queueOf(next, from.parts) }
  // Collects what is copied here should the start never follow.
  await scheduleCleanup(starting, next)
  const root = await rootOf(records, from)
  const dead = new Set(letters.map(stepIn))
  const inheritance = { from: run.address, to: address, past, beginner, root, dead }
  const places = await takeOver(starting, inheritance)
  if (!(await goesOn(records, address))) {
    const over = root && outermostOver({ frame: root, node: beginner.message.node }, places)
    const start =
      over === undefined
        ? {
            subject: callSubject(records.namespace, address, { ...parts, index: "_" }),
            body: begunAgain(beginner, next)
          }
        : begunAt({ ...over, frame: { ...over.frame, run: next } }, records.namespace)
    starting.broker.know(parseSubject(start.subject)!)
    await starting.broker.publish({
      ...start,
      unless: records.subject(address, runPlace),
      id: messageId(next, "start")
    })
  }
  await freeRun(records, run, () => removeDeadOfRun(records, run.address))
  return address
}

/** Whether a run still goes on. */
const goesOn = async (records: Records, address: RunAddress): Promise<boolean> =>
  (await records.outcome(address, runPlace)) === undefined &&
  isUnderWay(records, address, [looksOf(records.namespace, address)])

/** The plan that was dispatched, from the first message or from its record; none for a run of one call. */
const rootOf = async (
  records: Records,
  { run, beginner: { message, slots } }: Pick<Redrivable, "run" | "beginner">
): Promise<Frame | undefined> => {
  if (message.frame === undefined) return undefined
  const carried = message.kind === "expand" && message.input !== undefined ? slots[0] : slots[1]
  const frames = new Frames(records)
  return carried === undefined ? frames.find(run, rootFrame) : frames.root(run, carried, false)
}

/** The first message, as if nobody had tried it before; what it was to wait for, or to be done by, is past. */
const begunAgain = (
  { message, slots }: Beginner,
  { address: { run }, queues }: RunFacts
): Uint8Array => {
  const moved = queues === undefined ? {} : { queues }
  if (message.kind === "expand") {
    const { deadline: _, ...rest } = message
    return packMessage({ ...rest, ...moved, run, again: true }, slots)
  }
  const { deadline: _1, parked: _2, parkedAt: _3, times: _4, ...rest } = message
  return packMessage({ ...rest, ...moved, run, attempt: 1, again: true }, slots)
}

/** Which queues take the place of those that the plan names: as before, but what went to the letter's queue goes to another. */
const rerouted = (
  { dead, beginner }: Redrivable,
  queue: string | undefined
): RunFacts["queues"] => {
  const before = beginner.message.queues
  const left = parseSubject(saidIn(dead)?.subject ?? "")?.queue
  if (queue === undefined || left === undefined) return before
  const moved = Object.entries(before ?? {}).map(
    ([from, to]) => [from, to === left ? queue : to] as const
  )
  return Object.fromEntries([...moved, [left, queue]])
}

/**
 * The outermost scope around a run's first call that is over. The call itself would find its scope closed, and nobody
 * would carry the scope's outcome on: so the run begins there. What it was given was for the call, and is not needed.
 */
const outermostOver = (first: Position, places: ReadonlySet<string>): Position | undefined => {
  const { plan } = first.frame
  let over: Position | undefined
  for (let at = plan[first.node]!.parent; at >= 0; at = plan[at]!.parent) {
    const position = { frame: first.frame, node: at }
    const { node, index } = placeOf(position)
    if (isScope(plan[at]!.node) && places.has(`${node}.${index}`)) over = position
  }
  return over
}

const begunAt = (at: Position, namespace: string) => {
  const { subject, message, slots } = expandMessage(namespace, at, nothing, null)
  return { subject, body: packMessage({ ...message, again: true }, slots) }
}

const stepIn = (dead: Dead): string =>
  saidIn(dead)?.step ?? dead.id.slice(dead.id.lastIndexOf(".") + 1)
