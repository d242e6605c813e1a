/** Random workflows have one of the outcomes that the interpreter admits, whatever executes them. */
import fc from "fast-check"
import { expect } from "vitest"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { encodeInput } from "../../src/plan/values.ts"
import { decodeWorkflow, encodeWorkflow } from "../../src/encode/workflow.ts"
import type { Place } from "../canvas/layer.ts"
import { inputFor } from "../fixtures/input.ts"
import { executionsOf, forget } from "../fixtures/ledger.ts"
import { admissible } from "../reference/interpreter.ts"
import { outcomeRead } from "../reference/outcome.ts"
import { referenceOf } from "../reference/tasks.ts"
import { toldText } from "../reference/told.ts"
import { type Sketch, sketches } from "./sketch.ts"
import { passJson } from "./tasks.ts"
import type { World } from "./world.ts"

export const seed = 20_261_123
export const workflows = 500

/** How many are under way at a time. */
const together = 50

/** What is wrong with one workflow, or `undefined`. */
const disagreement = async (
  { tasks, standIns, input, workflowOf }: World,
  app: Place["app"],
  sketch: Sketch
): Promise<string | undefined> => {
  const workflow = workflowOf(sketch)
  const wrong = wrongText(workflow, tasks)
  if (wrong !== undefined) return wrong
  const reference = referenceOf(tasks, standIns)
  const { outcomes, contested } = admissible(
    workflow["~arpeggio"].plan,
    encodeInput(workflow, input),
    reference
  )
  if (!contested && outcomes.length !== 1) return `${outcomes.length} outcomes without a contest`
  const admitted = outcomes.map((outcome) => toldText(outcomeRead(outcome)))
  const run = await app.start(
    workflow as Workflow<unknown, unknown, unknown>,
    inputFor(workflow, input)
  )
  const outcome = toldText(await run.outcome())
  const executions = executionsOf(run.id).filter(({ task }) => !(task in standIns))
  const steps = new Set(executions.map(({ step }) => step)).size
  forget(run.id)
  if (!admitted.includes(outcome)) return `${outcome} is none of ${admitted.join(" or ")}`
  return steps === executions.length
    ? undefined
    : `${executions.length} executions of ${steps} steps, although nothing failed: ${repeatedIn(executions)}`
}

const repeatedIn = (executions: ReturnType<typeof executionsOf>): string =>
  executions
    .filter(({ step }, at) => executions.findIndex((one) => one.step === step) !== at)
    .map((one) => JSON.stringify(one))
    .join(", ")

const wrongText = (workflow: AnyWorkflow, tasks: World["tasks"]): string | undefined => {
  const text = encodeWorkflow(workflow)
  return encodeWorkflow(decodeWorkflow(text, [...tasks, passJson])) === text
    ? undefined
    : "it is another after encoding and decoding"
}

/** Runs them all, many at a time; the first that disagrees is shrunk and shown with its seed. */
export const agree = async (
  world: World,
  app: Place["app"],
  count: number = workflows
): Promise<void> => {
  const samples = fc.sample(sketches, { seed, numRuns: count })
  let next = 0
  let wrong = -1
  let why: string | undefined
  const lane = async (): Promise<void> => {
    while (next < samples.length && wrong < 0) {
      const at = next++
      const found = await disagreement(world, app, samples[at]!)
      if (found === undefined) continue
      wrong = at
      why = found
    }
  }
  await Promise.all(Array.from({ length: together }, lane))
  if (wrong < 0) return
  const property = fc.asyncProperty(sketches, async (sketch) => {
    expect(await disagreement(world, app, sketch)).toBeUndefined()
  })
  await fc.assert(property, { seed, path: String(wrong), numRuns: 1 })
  const lonely = JSON.stringify(samples[wrong])
  throw new Error(
    `seed ${seed}, workflow ${wrong} disagreed, but not when run alone: ${why}; ${lonely}`
  )
}
