/** Every fault at every call of a worker that gives a call up: one dead letter, one outcome, and the run can be redriven. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chainOf } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { settle } from "../../src/compose/settle.ts"
import { task } from "../../src/define/task.ts"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import type { Fault, MemoryCall } from "../../src/testing/memory/fault.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { canvasTasks, identity, record } from "../fixtures/tasks.ts"
import { minute, scene } from "./memory.ts"
import { late } from "./tasks.ts"

const faults: ReadonlyArray<Fault & string> = [
  "lost",
  "unanswered",
  "duplicate",
  "crash-before",
  "crash-after"
]

const { Finite, Json } = Schema
const changed = task("dead.misfit", { input: [Finite], output: Finite }, (x) => x)
const sent = task("dead.misfit", { input: [Schema.String], output: Json })

const workflows: { readonly [form: string]: readonly [AnyWorkflow, status: string] } = {
  "an unknown task": [chainOf([identity(1), late(), record()]), "Crashed"],
  "an unknown member that is settled": [
    chainOf([group(settle(late(1)), identity(2)), record()]),
    "Succeeded"
  ],
  "arguments that do not fit": [chainOf([sent("one"), record()]), "Crashed"]
}

const giveUpUnder = async (
  [workflow, status]: readonly [AnyWorkflow, string],
  faultAt: (count: number) => Fault | undefined,
  what: string
): Promise<ReadonlyArray<MemoryCall["verb"]>> => {
  const { server, app, work, pass, left } = await scene()
  const tasks = [...canvasTasks, changed]
  const calls: Array<MemoryCall["verb"]> = []
  await work(tasks)
  server.onCall = ({ connection, verb }) => {
    if (connection !== "worker") return undefined
    calls.push(verb)
    const fault = faultAt(calls.length)
    // Somebody starts a new worker for each that dies.
    if (fault === "crash-before" || fault === "crash-after") void work(tasks).catch(() => {})
    return fault
  }
  const run = await app.start(workflow as Workflow<void, unknown>)
  await pass(8 * minute)
  server.onCall = undefined
  expect(await run.status(), what).toBe(status)
  const { letters } = await app.deadLetters.list()
  expect(
    letters.map((letter) => [letter.run, letter.obstacle]),
    what
  ).toEqual([[run.id, undefined]])
  const bodies = executionsOf(run.id, "canvas.record").map(({ step }) => step)
  expect(new Set(bodies).size, what).toBe(status === "Succeeded" ? 1 : 0)
  await app.deadLetters.drop(letters[0]!.id)
  await pass(10 * minute)
  expect(left(), what).toEqual([])
  return calls
}

for (const [form, given] of Object.entries(workflows)) {
  for (const fault of faults) {
    test(`${form}: ${fault}`, { timeout: 60_000 }, async () => {
      const calls = await giveUpUnder(given, () => undefined, "undisturbed")
      for (const [before, verb] of calls.entries()) {
        const at = before + 1
        const what = `${fault} at call ${at}, ${verb}`
        await giveUpUnder(given, (count) => (count === at ? fault : undefined), what)
      }
    })
  }
}
