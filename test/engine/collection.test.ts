/** When the inner records of a run go: two minutes after its end, also when a worker began it at the same moment. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { canvasTasks, fail, identity, record } from "../fixtures/tasks.ts"
import { gate, stubborn } from "./gate.ts"

test("a worker that begins a run as it is cancelled does not put its collection off", async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect())
  let send = (): void => {}
  const hold = new Promise<void>((resolve) => (send = resolve))
  let held = false
  // The timer that is set as the run begins arrives after those of its end.
  server.onCall = ({ connection, verb, subject }) => {
    if (held || connection !== "worker" || verb !== "publish") return undefined
    if (!subject.startsWith("memory.s.")) return undefined
    held = true
    return { hold }
  }
  await workerOver(server.connect({ name: "worker" }), [...canvasTasks, stubborn] as const)
  const run = await app.start(chain(stubborn(820), record()) as never)
  await gate(820).reached
  expect(await run.cancel()).toBe("Cancelled")
  await server.settled()
  expect(held).toBe(true)
  send()
  gate(820).open()
  await server.settled()
  const inner = () =>
    server
      .records()
      .map(({ subject }) => subject)
      .filter((subject) => !subject.startsWith("memory.r."))
  expect(inner()).not.toEqual([])
  for (let passed = 0; passed < 25; passed++) {
    server.clock.advance(5_000)
    await server.settled()
  }
  expect(inner()).toEqual([])
})

test("a worker that clears a failed run late does not remove the call that collects it", async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect())
  let clear = (): void => {}
  const hold = new Promise<void>((resolve) => (clear = resolve))
  let held = false
  let missed = false
  server.onCall = ({ connection, verb, subject }) => {
    if (connection !== "worker") return undefined
    // As if the worker was stopped right before, and another, that got the call first, died.
    if (verb === "purge" && subject.startsWith("memory.t.") && !held) {
      held = true
      return { hold }
    }
    if (verb === "deliver" && subject.includes(".collect.") && !missed) {
      missed = true
      return "lost"
    }
    return undefined
  }
  await workerOver(server.connect({ name: "worker" }), canvasTasks)
  const run = await app.start(group(fail(1), record(2)) as never)
  expect(await run.outcome()).toMatchObject({ _tag: "Failed" })
  await server.settled()
  server.clock.advance(2_500)
  await server.settled()
  expect([held, missed]).toEqual([true, true])
  clear()
  await server.settled()
  for (let passed = 0; passed < 40; passed++) {
    server.clock.advance(5_000)
    await server.settled()
  }
  const inner = server.records().filter(({ subject }) => !subject.startsWith("memory.r."))
  expect(inner.map(({ subject }) => subject)).toEqual([])
})

test("the timer of a deadline goes with the inner records, also when the outcome is kept for less time", async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect(), { retention: "60 seconds" })
  await workerOver(server.connect(), canvasTasks)
  const run = await app.start(chain(identity(1), identity()).with({ deadline: "30 days" }) as never)
  await run.outcome()
  for (let passed = 0; passed < 26; passed++) {
    server.clock.advance(5_000)
    await server.settled()
  }
  expect(server.records().map(({ subject }) => subject)).toEqual([])
})
