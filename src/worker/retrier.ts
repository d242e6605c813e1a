/** Follows a failed attempt by another: the attempt is committed, then its timer set, and only then the call let go. */
import { randomInt } from "node:crypto"
import { follows, waitAfter, type RetryPolicy } from "../define/retry.ts"
import { packMessage, unpackKind } from "../encode/parcel.ts"
import type { AttemptMessage, CallMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import { recordSubject } from "../encode/subjects.ts"
import type { Engine } from "../engine/context.ts"
import type { RunFacts } from "../engine/frame.ts"
import { resized } from "../engine/resized.ts"
import { setTimer } from "../engine/timers.ts"
import { crashText } from "../engine/verdict.ts"
import type { Delivery } from "../transport/broker.ts"
import type { Execution, Hints } from "../engine/call/execution.ts"
import { known } from "./parker.ts"

const tags = { failed: "Failed", crashed: "Crashed", timedOut: "TimedOut" } as const

/** Milliseconds until the next attempt, or `undefined` when there is none. */
export const nextAttempt = (
  policy: RetryPolicy | undefined,
  attempt: number,
  execution: Execution,
  hints: Hints
): number | undefined => {
  if (execution.as === "crashed" && execution.misfit === true) return undefined
  if (policy === undefined || hints.never || attempt > policy.times) return undefined
  if (execution.as !== "failed" && execution.as !== "crashed" && execution.as !== "timedOut") {
    return undefined
  }
  const declared = execution.as === "failed"
  const tag = declared ? tagOf(execution.text) : tags[execution.as]
  // What a call says takes the place of what its contract lists.
  const byClass =
    execution.as === "crashed" && execution.listed === true && policy.classes !== undefined
  if (!byClass && !follows(policy, tag, declared)) return undefined
  return hints.wait ?? waitAfter(policy, attempt, randomInt(1_000_000) / 1_000_000)
}

const tagOf = (text: string): string => {
  const error = JSON.parse(text) as { readonly _tag?: unknown }
  return String(error._tag)
}

/** Commits the attempt and sets the timer of the next; whoever commits first says when that is. */
export const retry = async (
  engine: Engine,
  delivery: Delivery,
  run: RunFacts,
  { message, slots }: Parcel<CallMessage>,
  execution: Extract<Execution, { readonly text: string }>,
  wait: number
): Promise<number> => {
  const now = engine.broker.now()
  const subject = attemptSubject(engine, run, message)
  const attempt: AttemptMessage = {
    v: 1,
    kind: "attempt",
    run: message.run,
    step: message.step,
    attempt: message.attempt,
    tag: tags[execution.as as keyof typeof tags],
    worker: engine.worker,
    at: now,
    next: now + wait
  }
  const { stored } = await engine.records.refitting(() => {
    const body = packMessage(attempt, [toldIn(engine, execution.text)])
    return engine.broker.publish({ subject, unless: subject, body })
  })
  const next = stored ? attempt.next! : ((await readNext(engine, subject)) ?? attempt.next!)
  await setRetry(engine, delivery, run, { message, slots }, next)
  return next - now
}

/** Sets the timer again when this attempt was committed before, by an execution that may have died since. */
export const resumeRetry = async (
  engine: Engine,
  delivery: Delivery,
  run: RunFacts,
  parcel: Parcel<CallMessage>
): Promise<boolean> => {
  const next = await readNext(engine, attemptSubject(engine, run, parcel.message))
  if (next === undefined) return false
  await setRetry(engine, delivery, run, parcel, next)
  return true
}

/** An error in an attempt is for people to read, so one that does not fit in a record is said to be there. */
const toldIn = ({ records }: Engine, text: string): string =>
  records.fits(text) ? text : crashText("ValueTooLarge", `an error of ${text.length} characters`)

const attemptSubject = (engine: Engine, run: RunFacts, message: CallMessage): string =>
  recordSubject(engine.records.namespace, "a", run.address, message.step, String(message.attempt))

const readNext = async (engine: Engine, subject: string): Promise<number | undefined> => {
  const stored = await engine.broker.read(subject)
  return stored === undefined ? undefined : unpackKind(stored.body, "attempt").message.next
}

/** One that it replaces as it fires is of an earlier attempt: whoever gets that call finds this one committed, and sets this again. */
const setRetry = async (
  engine: Engine,
  delivery: Delivery,
  run: RunFacts,
  { message, slots }: Parcel<CallMessage>,
  next: number
): Promise<void> => {
  const { again: _, ...rest } = known(message)
  const { records } = engine
  const body = packMessage({ ...rest, attempt: message.attempt + 1 }, slots)
  await records.refitting(async () =>
    setTimer(records, run.address, {
      name: [message.step, "retry"],
      time: next,
      target: delivery.subject,
      body: await resized(records, run, body)
    })
  )
}
