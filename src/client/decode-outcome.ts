/** Turns a stored outcome into what the caller sees: an `Outcome`, or a value and an error. */
import { inWords } from "../define/duration.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import { OutOfBounds, parseJson } from "../define/json.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { everyCall } from "../plan/every-node.ts"
import { outcomeCodecOf, outputCodecOf } from "../plan/values.ts"
import { isCrashOfOurs } from "../encode/crash-names.ts"
import { Unreadable } from "../encode/codec.ts"
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import { chainOf, crashIn } from "../encode/thrown.ts"
import { outcomeText, type Records, type Verdict, type Whole } from "../engine/index.ts"
import { headline } from "../result/call-site.ts"
import {
  InvalidResult,
  RunCancelled,
  RunExpired,
  RunTimedOut,
  TaskCrashed,
  TaskTimedOut
} from "../result/errors.ts"
import { asError } from "../result/rejected.ts"
import type { Outcome } from "../define/outcome.ts"
import { plainError, plainOutcome } from "./plain.ts"
import { runningSince } from "../broker/time.ts"
import { unreadableResult } from "./unreadable.ts"
import { versionsApart } from "./versions.ts"

/** The outcome of a run, decoded by the schemas of the workflow; as plain data where that is not known. */
export const outcomeOf = async (
  records: Records,
  address: RunAddress,
  workflow: AnyWorkflow | undefined,
  verdict: Verdict
): Promise<Outcome<unknown, unknown>> => {
  const reading = { records, address, workflow, verdict }
  return outcomeIn(await wholeOf(reading), reading)
}

/** An outcome, and what it is read with. */
interface Reading {
  readonly records: Records
  readonly address: RunAddress
  readonly workflow: AnyWorkflow | undefined
  readonly verdict: Verdict
}

/** A value, which can be in several records. */
const wholeOf = async ({ records, address, verdict }: Reading): Promise<Whole> => {
  try {
    return await records.whole(address, verdict)
  } catch (cause) {
    throw cause instanceof Unreadable ? unreadableResult(address, cause) : cause
  }
}

const outcomeIn = ({ text, branches }: Whole, reading: Reading): Outcome<unknown, unknown> => {
  const { address, workflow, verdict } = reading
  const json = outcomeText(runIdOf(address), verdict, text)
  const { decode } = workflow === undefined ? plainOutcome : outcomeCodecOf(workflow)
  const declared = verdict.decided?.declared
  return read(reading, json, (json) => decode(json, branches, declared)) as Outcome<unknown>
}

/** The value of a run that succeeded; throws what `run` rejects with for any other. */
export const valueOf = (
  records: Records,
  address: RunAddress,
  workflow: AnyWorkflow | undefined,
  verdict: Verdict
): unknown => {
  const { tag, value, branches } = verdict
  const reading = { records, address, workflow, verdict }
  return tag === "Succeeded" && "text" in value && branches === undefined
    ? read(
        reading,
        value.text,
        workflow === undefined ? plainOutcome.value : outputCodecOf(workflow).decode
      )
    : valueElsewhere(reading)
}

const valueElsewhere = async (reading: Reading): Promise<unknown> => {
  const whole = await wholeOf(reading)
  const outcome = outcomeIn(whole, reading)
  if (outcome._tag === "Succeeded") return outcome.value
  throw errorOf(reading, outcome, whole.text)
}

const read = (
  { records, address, workflow, verdict }: Reading,
  text: string,
  decode: (json: unknown) => unknown
): unknown => {
  try {
    return decode(parseJson(text))
  } catch (cause) {
    const run = runIdOf(address)
    if (cause instanceof OutOfBounds) {
      throw new InvalidResult({
        run,
        path: "outcome",
        expected: cause.message,
        received: `${text.length} characters of JSON`,
        message: `the outcome of run ${run} is larger than one value may be (${cause.message}), although each part of it was not. Let the run end with less, for example with a sum of its parts or with a path to them.`
      })
    }
    if (!(cause instanceof Misfit)) throw cause
    const apart = versionsApart(verdict.contract, workflow, runningSince(records.broker))
    const advice =
      apart ?? "Attach with the workflow that was started, at the version that was started."
    const other = otherTask(verdict, workflow)
    const wrong =
      other === undefined
        ? `${cause.path === "" ? "it" : cause.path} should be ${cause.expected}, but is ${cause.received}`
        : `${other} failed, which is no task of that workflow`
    const also = other === undefined ? cause.alsoAt("") : ""
    throw new InvalidResult({
      run,
      path: `outcome${cause.path}`,
      expected: cause.expected,
      received: cause.received,
      message: `the outcome of run ${run} does not fit the workflow it is read as: ${wrong}.${also} ${advice}`
    })
  }
}

/** The task whose error it is, where the workflow has none of that name: the run is one of another workflow. */
const otherTask = (
  { tag, decided }: Verdict,
  workflow: AnyWorkflow | undefined
): string | undefined => {
  const task = tag === "Failed" ? (decided?.declared ?? decided?.task) : undefined
  return task === undefined || workflow?.["~arpeggio"].tasks.has(task) ? undefined : task
}

/** What `run` rejects with for an outcome that is not a success. */
const errorOf = (
  { address, verdict, workflow }: Reading,
  outcome: Exclude<Outcome<unknown, unknown>, { readonly _tag: "Succeeded" }>,
  text: string
): unknown => {
  const run = runIdOf(address)
  const { decided } = verdict
  const place = {
    run,
    task: decided?.task ?? "",
    step: decided?.step ?? verdict.step,
    attempt: decided?.attempt ?? verdict.attempt
  }
  const at = decided === undefined || decided.place === "" ? "" : `${decided.place}, `
  const what = place.task === "" ? `step ${place.step}` : place.task
  const which = `${what} (${at}attempt ${place.attempt}) in run ${run}`
  const where = `${which} on worker ${verdict.worker}`
  switch (outcome._tag) {
    case "Failed":
      return workflow === undefined
        ? plainError(outcome.error, which)
        : asError(outcome.error, what, parseJson(text))
    case "Crashed": {
      const { hint, ...thrown } = crashIn(parseJson(text))
      const { name } = thrown
      const words = headline({ name, message: chainOf(thrown) }).replace(/\.$/, "")
      // No handler of that worker has begun it.
      const how = givenUp.has(name)
        ? `${which} was given up by worker ${verdict.worker}`
        : `${where} crashed`
      return new TaskCrashed({
        ...place,
        thrown,
        message: `${how}: ${words}. ${hint ?? remedy(name, thrown.stack !== undefined)}`.trimEnd()
      })
    }
    case "TimedOut":
      if (decided === undefined) {
        const { after } = outcome
        const message = `run ${run} had not ended at its deadline, ${inWords(after)} after its start, and was stopped. Give it more time with .with({ deadline }), or start it again.`
        return new RunTimedOut({ run, after, message })
      }
      return lateOf(place, where, outcome.after, text)
    case "Cancelled":
      return new RunCancelled({ run, message: `run ${run} was cancelled` })
    case "Expired":
      return outcome.mayHaveBegun === true
        ? perhapsBegun(run, which, text)
        : neverBegun(run, which, text, queueOf(workflow, place.task))
  }
}

const whenIn = (text: string): string => {
  const { at } = parseJson(text) as { readonly at?: unknown }
  return typeof at === "number" ? `, at ${new Date(at).toISOString()}` : ""
}

const perhapsBegun = (run: string, which: string, text: string): RunExpired => {
  const message = `${which} was given to a worker that told no outcome, and then it expired${whenIn(text)}, so nobody begins it again. It may have been executed: look at what it has done before you start it again, or let it expire later with .with({ expires }).`
  return new RunExpired({ run, mayHaveBegun: true, message })
}

const neverBegun = (run: string, which: string, text: string, queue: string): RunExpired => {
  const message = `${which} had not begun when it expired${whenIn(text)}, so nobody begins it any more. Start more workers for ${queue}, let it expire later with .with({ expires }), or start it again.`
  return new RunExpired({ run, mayHaveBegun: false, message })
}

/** The queue of a task's calls, where the workflow is known and has them in one. */
const queueOf = (workflow: AnyWorkflow | undefined, task: string): string => {
  const calls = workflow === undefined ? [] : everyCall(workflow["~arpeggio"].plan)
  const own = calls.filter((call) => call.task === task)
  const [queue, ...others] = new Set(own.map((call) => call.queue))
  return queue === undefined || others.length > 0 ? "its queue" : `queue "${queue}"`
}

/** `took` is there when the handler ended, and too late. */
const lateOf = (
  place: Pick<TaskTimedOut, "run" | "task" | "step" | "attempt">,
  where: string,
  after: number,
  text: string
): TaskTimedOut => {
  const { took } = parseJson(text) as { readonly took?: unknown }
  if (typeof took !== "number") {
    const message = `${where} did not return within ${inWords(after)}. Raise its timeout in the contract or with .with({ timeout }), or let it do less.`
    return new TaskTimedOut({ ...place, after, message })
  }
  const message = `${where} did not return within ${inWords(after)}: the event loop of its worker was blocked, and it ended only after ${inWords(took)}, so what it gave counts for nothing. Raise its timeout in the contract or with .with({ timeout }), let it do less, or move what blocks into a worker thread.`
  return new TaskTimedOut({ ...place, after, took, message })
}

/** Why a call is executed no more. */
const givenUp = new Set(["UnknownTask", "UnservedQueue", "WorkerLost"])

/** Anything can be thrown; what has no stack is no error, and cannot be declared. */
const remedy = (name: string, isError: boolean): string => {
  if (isCrashOfOurs(name)) return ""
  return isError && name !== "Thrown"
    ? "If this is expected, declare it in the contract's errors; otherwise mend the handler."
    : "If this is expected, throw an error that the contract declares instead; otherwise mend the handler."
}
