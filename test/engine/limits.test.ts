/** Values and plans near and beyond what a message holds, and inputs nothing can begin with: the run ends, and says why. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chainOf } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { map } from "../../src/compose/map.ts"
import { recover } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import type { AnyTask } from "../../src/define/task.ts"
import { task } from "../../src/define/task.ts"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer, type MemoryServer } from "../../src/testing/memory/server.ts"
import { add, canvasTasks, fail, identity, same } from "../fixtures/tasks.ts"

const text = Schema.String
const firsts = task("limits.firsts", { input: [text, text], output: text }, (left, right) =>
  [left, right].map((each) => each.slice(0, 1)).join("")
)
const forty = task("limits.forty", { input: [], output: text }, () => "x".repeat(40_000_000))

/** Lets leases run out, more often than anybody tries again. */
const pass = async (server: MemoryServer): Promise<void> => {
  for (let leases = 0; leases < 6; leases++) {
    await server.settled()
    server.clock.advance(30_001)
  }
  await server.settled()
}

const outcomeOf = async (workflow: AnyWorkflow, maxBytes = 1_048_576) => {
  const server = memoryServer({ clock: "manual", maxBytes })
  const tasks: ReadonlyArray<AnyTask> = [...canvasTasks, firsts, forty]
  await workerOver(server.connect(), tasks as never)
  const app = await clientOver(server.connect())
  const run = await app.start(workflow as Workflow<void, unknown, unknown>)
  await pass(server)
  expect(server.records("memory.r.>")).toHaveLength(1)
  expect(server.records("memory.t.>")).toEqual([])
  return run.outcome()
}

for (const maxBytes of [16_384, 65_536, 400_000, 1_048_576]) {
  test(`a plan and a list that each fit a message of ${maxBytes} bytes`, async () => {
    const half = "x".repeat(Math.floor(Math.min(maxBytes, 524_288) / 2) - 300)
    const workflow = chainOf([same([half]), map(firsts(half))])
    expect(await outcomeOf(workflow, maxBytes)).toEqual({ _tag: "Succeeded", value: ["xx"] })
  })
}

test("a plan larger than a message", async () => {
  const members = Array.from({ length: 10 }, () => same("x".repeat(9_000)))
  const outcome = await outcomeOf(group(members), 65_536)
  expect(outcome._tag).toBe("Succeeded")
})

test("a later step with headers larger than a message has crashed", async () => {
  const headers = { large: "x".repeat(1_100_000) }
  const workflow = chainOf([identity(1), add(1).with({ headers })])
  const outcome = await outcomeOf(workflow)
  expect(outcome).toMatchObject({ _tag: "Crashed", name: "InputUnavailable" })
  expect(outcome).toMatchObject({ failure: { task: "canvas.add", step: "2" } })
})

test("members' values that are together beyond every limit crash what they are given to", async () => {
  const outcome = await outcomeOf(chainOf([group(forty(), forty()), settle(same() as never)]))
  expect(outcome).toMatchObject({
    _tag: "Succeeded",
    value: { _tag: "Crashed", name: "InputUnavailable" }
  })
})

test("and crash a group that is settled", async () => {
  const outcome = await outcomeOf(chainOf([settle(group(forty(), forty())), same() as never]))
  expect(outcome).toMatchObject({ _tag: "Crashed", name: "ValueTooLarge" })
})

const noList = chainOf([same({ a: 1 }), map(identity())])

test("a map over what is no list has crashed", async () => {
  const outcome = await outcomeOf(noList)
  expect(outcome).toMatchObject({ _tag: "Crashed", name: "InvalidInput" })
  expect(outcome).toMatchObject({ failure: { task: "map" } })
})

test("it fails like any member, and is settled like one", async () => {
  const inside = group(settle(noList), identity(1))
  const outcome = await outcomeOf(recover(inside as never, { Expected: fail(1) } as never))
  expect(outcome).toMatchObject({ _tag: "Succeeded", value: [{ _tag: "Crashed" }, 1] })
})

test("a run whose plan was removed by hand ends, and its call is in the dead letters", async () => {
  const server = memoryServer({ clock: "manual" })
  const broker = server.connect()
  const app = await clientOver(broker)
  const workflow = chainOf([same("x".repeat(150_000)), same()])
  const run = await app.start(workflow as Workflow<void, unknown>)
  await broker.purge("memory.g.>")
  await workerOver(server.connect(), canvasTasks)
  await pass(server)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "CannotContinue" })
  expect(server.records("memory.t.>")).toEqual([])
  expect(server.records("memory.dl.>")).toHaveLength(1)
})
