/** Counts how often executing a call has cost a worker its life, and stops before it costs every worker theirs. */
import { kinds } from "../../encode/kinds.ts"
import { packMessage, unpackKind } from "../../encode/codec.ts"
import type { AttemptMessage, CallMessage } from "../../encode/message.ts"
import { recordSubject } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import type { FollowingCall } from "./inline-next.ts"
import { stepOf, type RunFacts } from "../flow/position.ts"
import { scheduleCleanup } from "../run/run-timers.ts"
import type { Verdict } from "../verdict.ts"
import { type Farewell, farewellsOf } from "./last-words.ts"
import type { Observer } from "../observer.ts"
import type { Call, Incoming } from "./job.ts"
import { failureWords } from "../../encode/failure-words.ts"

/** How many workers a call may cost, when nothing else is said. */
export const defaultCrashes = 3

/**
 * So many times as many losses are too many whoever was named: whose code it was is told by the async context, and what
 * steps share, a pool or a batch, may lead that astray.
 */
const patience = 5

/** What is known of the executions of a call that never ended. */
export interface Losses {
  readonly count: number
  /** Those among them whose workers named another step that ran beside as what ended them. */
  readonly spared: number
  /** Who had begun them, and when, as far as is known; the first is only where it had gone on with a chain. */
  readonly lost: ReadonlyArray<{ readonly worker: string; readonly began: number }>
  /** What the last failed attempt before them said. */
  readonly words?: string
  /** What the worker said that was lost last, where it ended by an error or `process.exit`. */
  readonly farewell?: Farewell
}

/**
 * How many executions of a call were lost. A call is handed out a second time only when its worker died or its ack was
 * lost: a worker that stops sends its calls back. One that is handed out for the first time may have been lost before,
 * by a worker that had gone on with it, or among those that were noted until a worker that stopped sent it back.
 */
export const lossesOf = async (
  engine: Context,
  { delivery: { deliveries }, run, message }: Incoming<CallMessage>
): Promise<Losses> => {
  const [all, { last: farewell, spared }] = await Promise.all([
    engine.broker.readAll(place(engine, run, message, "*")),
    farewellsOf(engine.records, run.address, message)
  ])
  const attempts = all
    .map(({ body }) => unpackKind(body, "attempt"))
    .toSorted((left, right) => left.message.at - right.message.at)
  const lost = attempts.flatMap(({ message: { tag, attempt, worker, at } }) =>
    tag === "Lost" && attempt === message.attempt ? [{ worker, began: at }] : []
  )
  const failed = attempts.findLast(({ message: { tag } }) => tag !== "Lost")
  const count = deliveries > 1 ? lost.length + 1 : lost.length
  return {
    count,
    // A worker may have said so of an execution that it had sent back before.
    spared: Math.min(spared, count),
    lost,
    ...(farewell === undefined ? {} : { farewell }),
    ...(failed === undefined
      ? {}
      : { words: failureWords(failed.message.tag, failed.slots[0] ?? "{}") })
  }
}

/** Whether a call has cost as many workers as it may. */
export const isTooMany = ({ count, spared }: Losses, crashes: number): boolean =>
  count - spared >= crashes || count >= crashes * patience

/** Notes that an execution begins where others were lost. Right before it does, never earlier: who waits loses nothing. */
export const noteBegun = async (
  { engine, observer }: { readonly engine: Context; readonly observer: Observer },
  call: Call,
  losses: Losses
): Promise<void> => {
  const { worker, broker } = engine
  const { run, message } = call
  observer.begunAgain(call, losses)
  // A run of one call has no timer, and the worker that was taken for lost may yet end it: nobody would remove the note.
  if (message.frame === undefined) await scheduleCleanup(engine.records, run)
  const { step, attempt } = message
  const lost = { run: message.run, step, attempt, worker, at: broker.now() }
  await note(engine, run, lost, losses.count)
}

/** Notes that a step was lost whose call was not stored: the worker that ended the step before had gone on with it. */
export const noteLost = async (
  engine: Context,
  { at }: FollowingCall,
  { worker, ended }: Verdict
): Promise<void> => {
  const { run } = at.frame
  const lost = { run: run.address.run, step: stepOf(at), attempt: 1, worker, at: ended }
  await note(engine, run, lost, 0)
}

/** An execution that was lost: which attempt of which step, on which worker, since when. */
type Lost = Pick<AttemptMessage, "run" | "step" | "attempt" | "worker" | "at">

/** `before`: how many were lost before it. */
const note = async (
  engine: Context,
  run: RunFacts,
  { run: id, step, attempt, worker, at }: Lost,
  before: number
): Promise<void> => {
  const subject = place(engine, run, { step }, `${attempt}-${before}`)
  const lost: AttemptMessage = {
    v: 1,
    kind: "attempt",
    run: id,
    step,
    attempt,
    tag: "Lost",
    worker,
    at
  }
  await engine.broker.publish({ subject, unless: subject, body: packMessage(lost) })
}

const place = (
  engine: Context,
  run: RunFacts,
  { step }: Pick<AttemptMessage, "step">,
  index: string
): string => recordSubject(engine.records.namespace, kinds.attempt, run.address, step, index)
