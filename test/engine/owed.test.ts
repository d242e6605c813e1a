/** What the end of a failed run owes is done by whoever gets the call again: the rest of the run is stopped. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { canvasTasks, fail, record } from "../fixtures/tasks.ts"
import { gate, stubborn } from "./gate.ts"

test("a run that failed as its worker died is stopped in every scope", async () => {
  const server = memoryServer({ clock: "manual" })
  const tasks = [...canvasTasks, stubborn] as const
  await workerOver(server.connect({ name: "slow" }), tasks, { concurrency: 1 })
  const app = await clientOver(server.connect())
  const inner = group(chain(stubborn(810), record()))
  const run = await app.start(group(inner, group(chain(stubborn(811), fail()))) as never)
  await gate(810).reached
  await workerOver(server.connect({ name: "dying" }), tasks)
  await gate(811).reached
  server.onCall = ({ connection, verb, subject }) =>
    connection === "dying" && verb === "publish" && subject.startsWith("memory.r.")
      ? "crash-after"
      : undefined
  gate(811).open()
  expect(await run.outcome()).toMatchObject({ _tag: "Failed" })
  await workerOver(server.connect({ name: "third" }), tasks)
  server.clock.advance(30_001)
  await server.settled()
  gate(810).open()
  await server.settled()
  expect(executionsOf(run.id, "canvas.record")).toEqual([])
})
