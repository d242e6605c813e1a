/** An app that executes nothing: it asks the interpreter, and insists that only one outcome is admissible. */
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import type { App } from "../../src/client/app.ts"
import { encodeInput } from "../../src/plan/values.ts"
import { TaskCrashed } from "../../src/result/errors.ts"
import type { Outcome } from "../../src/define/outcome.ts"
import type { Run } from "../../src/result/run.ts"
import { admissible, type Reference } from "./interpreter.ts"
import { outcomeRead } from "./outcome.ts"

const theOutcome = (workflow: AnyWorkflow, input: unknown, reference: Reference): unknown => {
  const { plan } = workflow["~arpeggio"]
  const { outcomes } = admissible(plan, encodeInput(workflow, input), reference)
  if (outcomes.length === 1) return outcomeRead(outcomes[0]!)
  throw new Error(`${outcomes.length} outcomes are admissible where the test needs one`)
}

const resultOf = (outcome: Outcome<unknown, unknown>, run: string): unknown => {
  if (outcome._tag === "Succeeded") return outcome.value
  if (outcome._tag === "Failed") throw outcome.error
  if (outcome._tag !== "Crashed") throw new Error(`the interpreter knows no ${outcome._tag}`)
  const { failure, message, name = "" } = outcome
  const task = failure?.task ?? ""
  throw new TaskCrashed({ run, task, step: "", attempt: 1, message, thrown: { name, message } })
}

export const referenceApp = (reference: Reference): Pick<App, "run" | "start"> => {
  let runs = 0
  const start = async (workflow: AnyWorkflow, input?: unknown): Promise<Run<unknown, unknown>> => {
    const id = `reference-${++runs}`
    const outcome = async (): Promise<Outcome<unknown, unknown>> =>
      theOutcome(workflow, input, reference) as never
    const status = async () => (await outcome())._tag
    const result = async () => resultOf(await outcome(), id)
    const describe = () => Promise.reject(new Error("the interpreter waits for nothing"))
    return { id, outcome, result, status, describe, cancel: status }
  }
  const run = async (workflow: AnyWorkflow, input?: unknown): Promise<unknown> =>
    (await start(workflow, input)).result()
  return { run, start } as Pick<App, "run" | "start">
}
