/** What a caller may leave out or give in another form: the input, and the workflow of a run. */
import { refuse, workflowAt } from "../compose/members.ts"
import type { TaskDefinition } from "../define/definition.ts"
import type { CallNode } from "../define/plan.ts"
import { type AnyWorkflow, isWorkflow, workflowOf } from "../define/workflow.ts"
import { needsNothing } from "../plan/arrival.ts"
import { type Caller, pointAt } from "../result/call-site.ts"
import type { WaitOptions } from "../result/wait.ts"

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
