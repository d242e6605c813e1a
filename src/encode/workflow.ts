/** A workflow as text, and back: for storing one, or for handing it to another process. */
import { workflowAt } from "../compose/members.ts"
import type { SchemaCodec } from "../define/codec.ts"
import { isPass, passes } from "../plan/pass.ts"
import type { PlanNode } from "../plan/table.ts"
import { callOf } from "../define/call.ts"
import { isCall } from "../define/plan.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { CompositionError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"
import { readStartSettings, type StartSettings } from "../define/start.ts"
import type { AnyTask } from "../define/task.ts"
import { type AnyWorkflow, isWorkflow, type Workflow, workflowOf } from "../define/workflow.ts"
import { jsonText } from "../define/json-text.ts"
import { readPlan } from "../plan/read.ts"
import type { Named } from "../plan/rule.ts"

const version = 1

const fields: ReadonlySet<string> = new Set(["version", "plan", "start"])

/**
 * The workflow as JSON text, with its key and deadline. Throws a `CompositionError` for what is none, or nested too deeply.
 *
 * @example
 * const text = encodeWorkflow(add(4, 2).with({ key: "invoice-4711" }))
 * const again = await app.run(decodeWorkflow<void, number>(text, [add])) // 6
 */
export const encodeWorkflow = (workflow: Workflow<never, unknown, unknown>): string => {
  const { plan, start } = workflowAt(workflow, "the first argument of encodeWorkflow")["~arpeggio"]
  try {
    return jsonText({ version, plan, ...(start === undefined ? {} : { start }) })
  } catch (cause) {
    const why = cause instanceof RangeError ? "it is nested too deeply" : String(cause)
    throw new CompositionError({ message: `a workflow cannot be encoded: ${why}` })
  }
}

/**
 * The workflow in a text that `encodeWorkflow` wrote. `tasks` are those it may name, and the
 * `pass(…)` whose schemas it passes something on with. What it takes, gives and fails
 * with is not in the text, so its types are the caller's word.
 *
 * Throws a `CompositionError` for a text that is no workflow, or names another task; and an `InvalidInput` for arguments
 * that do not fit their task.
 *
 * @example
 * const text = encodeWorkflow(chain(add(4, 2), mul(3)))
 * const answer = await app.run(decodeWorkflow<void, number>(text, [add, mul])) // 18
 */
export const decodeWorkflow = <In = never, Out = unknown, Err = unknown>(
  text: string,
  tasks: Iterable<AnyTask | (AnyWorkflow & { readonly taskName: "pass" })>
): Workflow<In, Out, Err> => {
  const known = new Map<string, TaskDefinition>()
  const passed = new Map<string, SchemaCodec>()
  for (const given of tasks) {
    if (!isWorkflow(given)) known.set(given.taskName, given["~arpeggio"])
    else {
      const { plan } = given["~arpeggio"]
      if (isPass(plan)) passed.set(plan.fingerprint, plan[passes]!)
    }
  }
  const used = new Map<string, TaskDefinition>()
  const { plan, start } = planIn(text, {
    task: (name) => {
      const definition = known.get(name)
      if (definition === undefined) {
        throw unreadable(
          `it names the task ${name}, which is not among those given: add it to decodeWorkflow's tasks`
        )
      }
      used.set(name, definition)
      return definition
    },
    passed: (fingerprint) => {
      const codec = passed.get(fingerprint)
      if (codec !== undefined) return codec
      throw unreadable(
        `it passes something on whose schema (${fingerprint}) is not among those given: add pass(…) with that schema to decodeWorkflow's tasks`
      )
    }
  })
  return (isCall(plan)
    ? callOf(plan, used, start)
    : workflowOf(plan, used, start)) as AnyWorkflow as Workflow<In, Out, Err>
}

const planIn = (
  text: string,
  named: Named
): { readonly plan: PlanNode; readonly start: StartSettings | undefined } => {
  try {
    const parsed = JSON.parse(text) as {
      readonly version?: unknown
      readonly plan?: unknown
      readonly start?: unknown
    } | null
    if (parsed?.version !== version) {
      throw unreadable(
        `its version is ${String(parsed?.version)}; this release reads version ${version}`
      )
    }
    const stranger = Object.keys(parsed).find((name) => !fields.has(name))
    if (stranger !== undefined) {
      throw unreadable(
        `its field ${received(stranger)} comes from a newer release than this one: upgrade this process`
      )
    }
    const start = readStartSettings(parsed.start)
    if (typeof start === "string") throw unreadable(start)
    return { plan: readPlan(parsed.plan, named), start }
  } catch (cause) {
    if (cause instanceof SyntaxError) throw unreadable(`it is not JSON: ${cause.message}`)
    if (cause instanceof RangeError) throw unreadable("it is nested too deeply")
    throw cause
  }
}

const unreadable = (reason: string): CompositionError =>
  new CompositionError({ message: `a workflow cannot be decoded: ${reason}` })
