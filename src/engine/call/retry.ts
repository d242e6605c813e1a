/** Follows a failed attempt by another: the attempt is committed, then its timer set, and only then the call let go. */
import { kinds } from "../../encode/kinds.ts"
import type { AttemptMessage, CallMessage } from "../../encode/message.ts"
import { packMessage, unpackKind } from "../../encode/codec.ts"
import { recordSubject } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import type { RunFacts } from "../flow/position.ts"
import { resized } from "../room/resized.ts"
import { setTimer, stepTimer } from "../timers.ts"
import { crashText } from "../verdict.ts"
import type { FailedExecution } from "./decide.ts"
import type { Call } from "./job.ts"
import { known } from "./park.ts"

const tags = { failed: "Failed", crashed: "Crashed", timedOut: "TimedOut" } as const

/**
 * Commits the attempt and sets the timer of the next, `wait` milliseconds ahead; whoever commits first says when that is.
 * Answers with how long it takes until then.
 */
export const retry = async (
  engine: Context,
  call: Call,
  execution: FailedExecution,
  wait: number
): Promise<number> => {
  const { run, message } = call
  const now = engine.broker.now()
  const subject = attemptSubject(engine, run, message)
  const attempt: AttemptMessage = {
    v: 1,
    kind: "attempt",
    run: message.run,
    step: message.step,
    attempt: message.attempt,
    tag: tags[execution.as],
    worker: engine.worker,
    at: now,
    next: now + wait
  }
  const { stored } = await engine.records.refitting(() => {
    const body = packMessage(attempt, [toldIn(engine, execution.text)])
    return engine.broker.publish({ subject, unless: subject, body })
  })
  const next = stored ? attempt.next! : ((await readNext(engine, subject)) ?? attempt.next!)
  await setRetry(engine, call, next)
  return next - now
}

/** Sets the timer again when this attempt was committed before, by an execution that may have died since. */
export const resumeRetry = async (engine: Context, call: Call): Promise<boolean> => {
  const next = await readNext(engine, attemptSubject(engine, call.run, call.message))
  if (next === undefined) return false
  await setRetry(engine, call, next)
  return true
}

/** An error in an attempt is for people to read, so one that does not fit in a record is said to be there. */
const toldIn = ({ records }: Context, text: string): string =>
  records.fits(text) ? text : crashText("ValueTooLarge", `an error of ${text.length} characters`)

const attemptSubject = (engine: Context, run: RunFacts, message: CallMessage): string =>
  recordSubject(
    engine.records.namespace,
    kinds.attempt,
    run.address,
    message.step,
    String(message.attempt)
  )

const readNext = async (engine: Context, subject: string): Promise<number | undefined> => {
  const stored = await engine.broker.read(subject)
  return stored === undefined ? undefined : unpackKind(stored.body, "attempt").message.next
}

/** One that it replaces as it fires is of an earlier attempt: whoever gets that call finds this one committed, and sets this again. */
const setRetry = async (
  engine: Context,
  { delivery, run, message, slots }: Call,
  next: number
): Promise<void> => {
  const { again: _, ...rest } = known(message)
  const { records } = engine
  const body = packMessage({ ...rest, attempt: message.attempt + 1 }, slots)
  await records.refitting(async () =>
    setTimer(records, run.address, {
      name: stepTimer(message.step, "retry"),
      time: next,
      target: delivery.subject,
      body: await resized(records, body, run)
    })
  )
}
