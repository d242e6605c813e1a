/** An expansion is committed before it acts: when a second execution returns another workflow, the stored one wins. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { task } from "../../src/define/task.ts"
import { rootFrame } from "../../src/engine/frame.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/transport/memory/server.ts"
import { executionsOf, note } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"

let executions = 0

/** Returns another workflow each time, as a handler that reads a database does. */
const fickle = task("engine.fickle", { input: [Schema.Finite], output: Schema.Finite }, (x) => {
  note(x)
  executions++
  return executions % 2 === 1 ? identity(x + 1) : chain(add(x, 1), identity(), add(1))
})

for (const seed of [undefined, 1, 2, 3]) {
  test(`the stored expansion wins, seed ${seed ?? "none"}`, async () => {
    executions = 0
    const server = memoryServer(seed === undefined ? {} : { seed })
    const tasks = [...canvasTasks, fickle] as const
    await workerOver(server.connect(), tasks)
    await workerOver(server.connect(), tasks)
    const app = await clientOver(server.connect())
    let deliveries = 0
    let frames = 0
    let release = (): void => {}
    const hold = new Promise<void>((resolve) => (release = resolve))
    server.onCall = ({ verb, subject }) => {
      const isCall = subject.includes(".engine/fickle.")
      if (verb === "deliver" && isCall && ++deliveries === 1) return "duplicate"
      if (verb === "publish" && subject.startsWith("memory.g.") && !subject.includes(rootFrame)) {
        // The first execution's frame arrives only when the second's is stored.
        if (++frames === 1) return { hold }
        void server.settled().then(release)
      }
      return undefined
    }
    const run = await app.start(chain(fickle(10), group(identity(), add(100)), record()))
    expect(await run.result()).toEqual([12, 112])
    await server.settled()
    expect(executions).toBe(2)
    expect(frames).toBe(2)
    const replaced = executionsOf(run.id).filter(({ input }) => input[0] === 11)
    expect(replaced.map(({ task }) => task)).toEqual(["canvas.identity", "canvas.add"])
    expect(executionsOf(run.id, "canvas.record")).toHaveLength(1)
    expect(server.records("memory.t.>")).toEqual([])
  })
}
