/** Two owners whose runs have one id: each comes to its own outcome, and the end of one does not touch the other. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { group } from "../../src/compose/group.ts"
import { map } from "../../src/compose/map.ts"
import { dispatch, firstMessageOf } from "../../src/engine/run/first-message.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { newRun } from "../../src/encode/ids.ts"
import { runIdOf } from "../../src/encode/subjects.ts"
import { Records } from "../../src/engine/records.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { add, addInSteps, canvasTasks, fail, identity, range, tsum } from "../fixtures/tasks.ts"

const alices: AnyWorkflow = chain(
  range(4),
  map(chain(addInSteps(1), group(add(1), add(2)), tsum())),
  chord([tsum(), tsum()], tsum())
)

const bobs: AnyWorkflow = chain(
  range(5),
  map(chain(add(10), addInSteps(20), identity(), group(identity(), add(1)), tsum())),
  group(tsum(), chain(tsum(), fail()))
)

for (const seed of [undefined, 1, 2, 3, 4, 5]) {
  test(`records of two owners do not mix, seed ${seed ?? "none"}`, async () => {
    const server = memoryServer(seed === undefined ? {} : { seed })
    await workerOver(server.connect(), canvasTasks)
    await workerOver(server.connect(), canvasTasks)
    const broker = server.connect()
    const run = newRun(broker.now())
    const start = async (owner: string, workflow: AnyWorkflow) => {
      const address = { owner, instance: "same", run }
      const records = new Records(broker)
      const facts = { address, keep: 3_600_000 }
      await dispatch(records, facts, await firstMessageOf(records, workflow, null, facts))
      const app = await clientOver(broker, { owner })
      return app.attach(runIdOf(address), workflow).outcome()
    }
    const [alice, bob] = await Promise.all([start("alice", alices), start("bob", bobs)])
    expect(alice).toEqual({ _tag: "Succeeded", value: 64 })
    expect(bob).toMatchObject({ _tag: "Failed", error: { _tag: "Expected", at: 325 } })
    await server.settled()
    expect(server.records("memory.t.>")).toEqual([])
    expect(server.records("memory.dl.>")).toEqual([])
  })
}
