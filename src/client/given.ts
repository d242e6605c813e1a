/** What a caller gave, checked as the compiler would: a workflow, or what it is read by; its input, which may be left out; options. */
import { refuse, workflowAt } from "../compose/members.ts"
import type { TaskDefinition } from "../define/definition.ts"
import type { CallNode } from "../define/plan.ts"
import { type AnyWorkflow, isWorkflow, workflowOf } from "../define/workflow.ts"
import { needsNothing } from "../plan/arrival.ts"
import { type Caller, pointAt } from "../result/call-site.ts"
import type { WaitOptions } from "../result/wait.ts"
import { received } from "../define/describe-value.ts"
import { ContractError } from "../define/errors.ts"
import { type HowLong, millisecondsOf } from "../define/duration.ts"
import { keepWithin } from "../engine/index.ts"
import type { Names } from "../define/known.ts"

/** The options that stand where an input would, if there were one to give. */
export const optionsAt = (workflow: AnyWorkflow, input: unknown): WaitOptions | undefined =>
  input !== undefined && isWorkflow(workflow) && needsNothing(workflow["~arpeggio"].plan)
    ? (input as WaitOptions)
    : undefined

/** The workflow that a run is read by: itself, the task of which it is a call, or what a function gives that builds it. */
export const readBy = (given: unknown, caller: Caller, verb: Verb = "attach"): AnyWorkflow => {
  try {
    return isTask(given)
      ? callOf(given["~arpeggio"])
      : workflowAt(built(given, verb), placeIn(verb))
  } catch (cause) {
    throw pointAt(cause, caller)
  }
}

type Verb = "attach" | "find"

const placeIn = (verb: Verb): string => `the second argument of ${verb}`

const example: { readonly [verb in Verb]: string } = {
  attach: "attach(id, build(…))",
  find: "find({ key }, build(…))"
}

const built = (given: unknown, verb: Verb): unknown => {
  if (typeof given !== "function") return given
  if (given.length === 0) return given()
  return refuse(
    `${placeIn(verb)} builds a workflow from arguments, which are not known here: give ${verb} what it returns, for example ${example[verb]}; or leave it out, and read what is stored as plain data`
  )
}

const isTask = (given: unknown): given is { readonly "~arpeggio": TaskDefinition } =>
  typeof given === "function" && "taskName" in given && "~arpeggio" in given

/** Nobody sends it, so it needs no arguments. */
const callOf = (definition: TaskDefinition): AnyWorkflow => {
  const { name: task, fingerprint, queue } = definition
  const plan: CallNode = { kind: "call", task, fingerprint, args: [], partial: false, queue }
  return workflowOf(plan, new Map([[task, definition]]))
}

/** An owner that fits into one token of a subject. */
export const checkedOwner = (owner: string): string => {
  if (/^[A-Za-z0-9]{1,16}$/.test(owner)) return owner
  const message = `owner has 1 to 16 letters and digits only, for example "billing", not ${received(owner)}`
  throw new ContractError({ task: "", message })
}

/** How long outcomes are kept, in milliseconds. Zero is no time to keep anything, and what effect makes of `Duration.millis(NaN)`. */
export const checkedRetention = (retention: HowLong<string>): number => {
  const milliseconds = millisecondsOf("retention", retention)
  if (milliseconds > 0) return keepWithin(milliseconds)
  const message = `retention is a duration above zero, for example "1 hour", not ${received(retention)}: outcomes are kept for a second at least`
  throw new ContractError({ task: "", message })
}

/** A workflow; `place` says which argument it is. */
export const checkedWorkflow = (value: unknown, place: string, caller: Caller): AnyWorkflow => {
  try {
    return workflowAt(value, place)
  } catch (cause) {
    throw pointAt(cause, caller)
  }
}

/** The options of whoever waits. */
export const waitNames: Names<WaitOptions> = { signal: true, within: true }

/** Whether a caller waits as long as it takes. */
export const isPatient = ({ signal, within }: WaitOptions): boolean =>
  signal === undefined && within === undefined
