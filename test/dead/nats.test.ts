/** The same on a real server: a call that kills its worker processes is quarantined, listed, read and redriven; another is dropped, from Effect. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, expect, test } from "vitest"
import { chain, chord, Client, task, UnknownDeadLetter } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { usualTiming } from "../../src/nats/timing.ts"
import { type Processes, startProcesses } from "../chaos/processes.ts"
import { body, member, poison, tail } from "../chaos/tasks.ts"
import { late } from "./tasks.ts"

let storm: Processes
beforeAll(async () => {
  storm = await startProcesses("dead")
})
afterAll(() => storm?.end(false))

const connect = () =>
  connectNats({ servers: storm.server.url, namespace: "dead" }, { ...usualTiming, lease: 2_000 })

test("a quarantined member is redriven on a worker that survives it, and the others are not executed again", async () => {
  await using app = await clientOver(await connect())
  // The outcomes of its siblings are stored before it begins: a worker that dies takes what it has not sent with it.
  const poisoned = chain(member(4), poison())
  const workflow = chain(chord([member(1), poisoned, member(2)], body()), tail(100))
  const over = new AbortController()
  const keepOne = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const worker = await storm.startWorker()
      const stop = new Promise((resolve) => over.signal.addEventListener("abort", resolve))
      await Promise.race([worker.ended, stop])
      await storm.kill(worker)
    }
  }
  const kept = keepOne()
  const run = await app.start(workflow)
  const outcome = await run.outcome()
  over.abort()
  await kept
  expect(outcome).toMatchObject({ _tag: "Crashed", name: "WorkerLost" })
  const { letters, next } = await app.deadLetters.list({ task: "storm.poison" })
  expect(next).toBeUndefined()
  expect(letters).toMatchObject([{ run: run.id, task: "storm.poison", attempt: 1, losses: 3 }])
  const [letter] = letters
  expect(letter!.lost).toHaveLength(2)
  expect((await app.deadLetters.read(letter!.id)).arguments).toEqual([5])

  const { Finite } = Schema
  const mended = task("storm.poison", { input: [Finite], output: Finite }, (value) => value)
  const executed: Array<number> = []
  const again = task("storm.member", { input: [Finite], output: Finite }, (value) => {
    executed.push(value)
    return value + 1
  })
  await using _worker = await workerOver(await connect(), [again, body, tail, mended])
  const redriven = await app.deadLetters.redrive(letter!.id)
  expect(await app.attach(redriven.id, workflow).result()).toBe(2 + 5 + 3 + 100)
  expect(executed).toEqual([])
  expect(await run.outcome()).toEqual(outcome)
  await expect(app.deadLetters.read(letter!.id)).rejects.toThrow(UnknownDeadLetter)
}, 60_000)

test("a call that nobody knew is dropped, from Effect", async () => {
  await using app = await clientOver(await connect())
  await using _worker = await workerOver(await connect(), [member], { patience: "500 millis" })
  const run = await app.start(late(7))
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "UnknownTask" })
  const program = Effect.gen(function* () {
    const { deadLetters } = yield* Client
    const { letters } = yield* deadLetters.list({ task: "dead.late" })
    const opened = yield* deadLetters.read(letters[0]!.id)
    yield* deadLetters.drop(letters[0]!.id)
    const missing = yield* Effect.flip(deadLetters.redrive(letters[0]!.id))
    return [letters.length, opened.arguments, missing._tag]
  })
  const options = { servers: storm.server.url, namespace: "dead", print: () => {} } as const
  const done = await Effect.runPromise(program.pipe(Effect.provide(Client.layer(options))))
  expect(done).toEqual([1, [7], "UnknownDeadLetter"])
}, 30_000)
