/** A member that outlives its scope: what it commits later changes nothing, and nothing follows from it. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { recover } from "../../src/compose/recover.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { canvasTasks, fail, identity, record } from "../fixtures/tasks.ts"
import { gate, stubborn } from "./gate.ts"

/** Two workers that never hear that a scope has closed, so that nothing but the records stops a late member. */
const deafWorkers = async () => {
  const server = memoryServer()
  const published: Array<string> = []
  server.onCall = ({ verb, subject }) => {
    if (verb === "publish") published.push(subject)
    return verb === "announce" ? "lost" : undefined
  }
  const tasks = [...canvasTasks, stubborn] as const
  await workerOver(server.connect(), tasks)
  await workerOver(server.connect(), tasks)
  const app = await clientOver(server.connect())
  return { server, app, published }
}

/** Fails once the gate has been reached. */
const failBehind = (number: number) => chain(stubborn(number), fail())

test("a member that commits after its group failed changes nothing", async () => {
  const { server, app } = await deafWorkers()
  const workflow = chain(group(stubborn(1), failBehind(2), identity(3)), record())
  const run = await app.start(workflow)
  await Promise.all([gate(1).reached, gate(2).reached])
  gate(2).open()
  const outcome = await run.outcome()
  expect(outcome).toMatchObject({ _tag: "Failed", error: { at: 2 } })
  gate(1).open()
  await server.settled()
  expect(await app.attach(run.id, workflow).outcome()).toEqual(outcome)
  expect(executionsOf(run.id, "canvas.record")).toEqual([])
  expect(server.records("memory.t.>")).toEqual([])
})

test("what follows a member of a failed group is refused by the broker", async () => {
  const { server, app, published } = await deafWorkers()
  const run = await app.start(group(chain(stubborn(11), record()), failBehind(12)))
  await Promise.all([gate(11).reached, gate(12).reached])
  gate(12).open()
  await run.outcome()
  gate(11).open()
  await server.settled()
  const attempts = published.filter((subject) => subject.includes(".canvas/record."))
  expect(attempts).toHaveLength(1)
  expect(server.records("memory.t.>")).toEqual([])
  expect(executionsOf(run.id, "canvas.record")).toEqual([])
})

test("the same inside a nested group, when the outer one failed", async () => {
  const { server, app, published } = await deafWorkers()
  const inner = chain(group(chain(stubborn(21), record()), stubborn(22)), record())
  const run = await app.start(group(inner, failBehind(23)))
  await Promise.all([21, 22, 23].map((number) => gate(number).reached))
  gate(23).open()
  await run.outcome()
  gate(22).open()
  gate(21).open()
  await server.settled()
  expect(published.filter((subject) => subject.includes(".canvas/record."))).toHaveLength(1)
  expect(executionsOf(run.id, "canvas.record")).toEqual([])
  expect(server.records("memory.t.>")).toEqual([])
})

test("a late member does not disturb the fallback of its group", async () => {
  const { server, app } = await deafWorkers()
  const rescued = recover(group(chain(stubborn(31), record()), failBehind(32)), {
    Expected: ignoreInput(chain(stubborn(33), identity()))
  })
  const run = await app.start(chain(rescued, record()))
  await Promise.all([gate(31).reached, gate(32).reached])
  gate(32).open()
  await gate(33).reached
  gate(31).open()
  await server.settled()
  gate(33).open()
  expect(await run.result()).toBe(33)
  const records = executionsOf(run.id, "canvas.record")
  expect(records.map(({ input }) => input)).toEqual([[33]])
})
