/** Faults at the calls of a redrive, every one at every call with `npm run test:kill-points`: afterwards there is the dead letter or one complete new run, never two and never neither. */
import { expect, test } from "vitest"
import { chain, chainOf } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { map } from "../../src/compose/map.ts"
import { settle } from "../../src/compose/settle.ts"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { clientOver } from "../../src/testing/index.ts"
import type { Fault, MemoryCall } from "../../src/testing/memory/fault.ts"
import { everyPoint } from "../engine/amount.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, fail, identity, range, record, same } from "../fixtures/tasks.ts"
import { minute, scene } from "./memory.ts"
import { late } from "./tasks.ts"

const faults: ReadonlyArray<Fault & string> = [
  "lost",
  "unanswered",
  "duplicate",
  "crash-before",
  "crash-after",
  "fired",
  "firing"
]

const large = "x".repeat(300_000)

const workflows: { readonly [form: string]: AnyWorkflow } = {
  "a call": late(large),
  "a chain of large values": chain(same(large), late(), record()),
  "a group behind a failure that was settled": chainOf([
    settle(group(fail(1), identity(2))),
    group(same(), late(), settle(late())),
    record()
  ]),
  "a map": chain(range(2), map(chain(add(1), late())), record())
}

/** Redrives under faults; gives the calls that the redriving process made. */
const redriveUnder = async (
  workflow: AnyWorkflow,
  faultAt: (call: MemoryCall) => Fault | undefined,
  what: string,
  redrivers = 1
): Promise<ReadonlyArray<MemoryCall["verb"]>> => {
  const { server, app, work, pass, left } = await scene()
  const ignorant = await work(canvasTasks)
  const run = await app.start(workflow as Workflow<void, unknown>)
  await pass(5 * minute)
  const ending = await run.outcome()
  const [letter] = (await app.deadLetters.list()).letters
  await ignorant.drain()
  await work([...canvasTasks, late])
  const calls: Array<MemoryCall["verb"]> = []
  const apps = await Promise.all(
    Array.from({ length: redrivers }, () => clientOver(server.connect({ name: "redriver" })))
  )
  server.onCall = (call) => {
    if (call.connection !== "redriver") return undefined
    calls.push(call.verb)
    return faultAt({ ...call, count: calls.length })
  }
  for (const each of apps) each.deadLetters.redrive(letter!.id).catch(() => {})
  await pass(minute)
  server.onCall = undefined
  const rest = (await app.deadLetters.list()).letters
  for (const { id } of rest.slice(0, 1)) await app.deadLetters.redrive(id)
  await pass(15 * minute)
  const runs = server.records("memory.r.>").filter(({ subject }) => subject.includes(".redriven."))
  expect(runs, what).toHaveLength(1)
  const tokens = runs[0]!.subject.split(".")
  const id = tokens.slice(5, 8).join("-")
  expect(await app.attach(id, workflow).status(), what).toBe("Succeeded")
  expect(await run.outcome(), what).toEqual(ending)
  expect((await app.deadLetters.list()).letters, what).toEqual([])
  const bodies = executionsOf(id, "canvas.record")
  expect(new Set(bodies.map(({ step }) => step)).size, what).toBe(bodies.length === 0 ? 0 : 1)
  expect(executionsOf(id, "canvas.fail"), what).toEqual([])
  expect(left(), what).toEqual([])
  return calls
}

for (const [form, workflow] of Object.entries(workflows)) {
  let undisturbed: ReturnType<typeof redriveUnder> | undefined
  for (const [place, fault] of faults.entries()) {
    test(`${form}: ${fault}`, { timeout: 60_000 }, async () => {
      undisturbed ??= redriveUnder(workflow, () => undefined, "undisturbed")
      const calls = await undisturbed
      for (const [before, verb] of calls.entries()) {
        // A sample has every third fault at a call, and others at the next.
        if (!everyPoint && (before + place) % 3 !== 0) continue
        const at = before + 1
        const what = `${fault} at call ${at}, ${verb}`
        await redriveUnder(workflow, ({ count }) => (count === at ? fault : undefined), what)
      }
    })
  }

  test(`${form}: by three at once`, async () => {
    await redriveUnder(workflow, () => undefined, "three at once", 3)
  })
}
