/** An expansion is committed before it acts: when a second execution returns another workflow, the stored one wins. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { task } from "../../src/define/task.ts"
import { rootFrame } from "../../src/engine/flow/position.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { executionsOf, note } from "../fixtures/ledger.ts"
import { gate, stubborn } from "./gate.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"

let executions = 0

/** Returns another workflow the second time, as a handler that reads a database does. */
const fickle = task("engine.fickle", { input: [Schema.Finite], output: Schema.Finite }, (x) => {
  note(x)
  return ++executions === 1 ? identity(x) : chain(stubborn(x), identity(), add(1))
})

for (const seed of [1, 2, 3, 4]) {
  test(`the stored expansion wins, seed ${seed}`, async () => {
    const number = 100 + seed
    executions = 0
    const server = memoryServer({ seed })
    const tasks = [...canvasTasks, fickle, stubborn] as const
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
      const isFrame = subject.startsWith("memory.g.") && subject.endsWith("._")
      if (verb === "publish" && isFrame && !subject.includes(rootFrame)) {
        // The first execution's frame arrives only when the second's is stored.
        if (++frames === 1) return { hold }
      }
      return undefined
    }
    const run = await app.start(chain(fickle(number), group(identity(), add(100)), record()))
    await gate(number).reached
    release()
    await server.settled()
    expect(executionsOf(run.id, "canvas.identity")).toEqual([])
    gate(number).open()
    expect(await run.result()).toEqual([number + 1, number + 101])
    await server.settled()
    expect(executions).toBe(2)
    expect(frames).toBe(2)
    expect(
      executionsOf(run.id, "canvas.identity")
        .map(({ input }) => input[0])
        .toSorted()
    ).toEqual([number, number + 1])
    expect(executionsOf(run.id, "canvas.record")).toHaveLength(1)
    expect(server.records("memory.t.>")).toEqual([])
  })
}

/** Replaced by a chain that waits at the gate of its number. */
const waiting = task("engine.waiting", { input: [Schema.Finite], output: Schema.Finite }, (x) => {
  note(x)
  return chain(identity(x), stubborn(), add(1))
})

test("a handler whose expansion is stored is not executed again", async () => {
  const server = memoryServer({ clock: "manual" })
  const tasks = [...canvasTasks, waiting, stubborn] as const
  await workerOver(server.connect(), tasks, { maxCrashes: 100 })
  await workerOver(server.connect(), tasks, { maxCrashes: 100 })
  const app = await clientOver(server.connect())
  server.onCall = ({ verb }) => (verb === "ack" ? "lost" : undefined)
  const run = await app.start(chain(group(waiting(151), identity(1)), record()))
  await gate(151).reached
  for (let leases = 0; leases < 3; leases++) {
    await server.settled()
    server.clock.advance(30_000)
  }
  server.onCall = undefined
  await server.settled()
  gate(151).open()
  await server.settled()
  expect(await run.result()).toEqual([152, 1])
  expect(executionsOf(run.id, "engine.waiting")).toHaveLength(1)
  expect(executionsOf(run.id, "canvas.identity")).toHaveLength(2)
  expect(executionsOf(run.id, "canvas.record")).toHaveLength(1)
})
