/** Cancelling a run: the whole tree stops, from any process, and the answer says who won. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterEach, expect, test } from "vitest"
import {
  chain,
  group,
  ignoreInput,
  map,
  RunCancelled,
  settle,
  step,
  task,
  UnknownRun
} from "arpeggio"
import { clientOver, memoryServer, workerOver, type MemoryServer } from "arpeggio/testing"

const { Finite } = Schema

/** What the handlers of a test did. */
interface Seen {
  readonly began: Array<number>
  readonly interrupted: Array<string>
  readonly waiting: Array<() => void>
}

const seen: Seen = { began: [], interrupted: [], waiting: [] }
const someoneBegan = (count: number) => expect.poll(() => seen.began.length).toBe(count)

/** Ends only when it is told to stop. */
const hold = task("cancel.hold", { input: [Finite], output: Finite }, (x) => {
  seen.began.push(x)
  const { signal } = step()
  return new Promise<number>((_, reject) => {
    signal.addEventListener("abort", () => {
      seen.interrupted.push(`promise ${x}`)
      reject(signal.reason as Error)
    })
  })
})
const holdEffect = task("cancel.effect", { input: [Finite], output: Finite }, (x) =>
  Effect.gen(function* () {
    seen.began.push(x)
    return yield* Effect.never
  }).pipe(Effect.onInterrupt(() => Effect.sync(() => void seen.interrupted.push(`effect ${x}`))))
)
/** Quick, and yet not over when it returns: a cancel has a moment to win in. */
const quick = task("cancel.quick", { input: [Finite], output: Finite }, async (x) => {
  seen.began.push(x)
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  return x
})
const tasks = [hold, holdEffect, quick] as const

const open: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
  for (const list of Object.values(seen)) list.length = 0
})

const start = async (concurrency = 20) => {
  const server = memoryServer()
  const app = await clientOver(server.connect())
  const worker = await workerOver(server.connect(), tasks, { concurrency })
  open.push(
    () => app.close(),
    () => worker.drain()
  )
  return { server, app }
}

const queued = (server: MemoryServer): number => server.records("memory.t.default.>").length

test("what runs is interrupted, what is queued never begins, what follows is not sent", async () => {
  const { server, app } = await start(2)
  const run = await app.start(
    chain(group(hold(1), holdEffect(2), quick(3), quick(4)), ignoreInput(settle(quick(9))))
  )
  await someoneBegan(2)
  expect(await run.cancel()).toBe("Cancelled")
  await expect.poll(() => seen.interrupted.toSorted()).toEqual(["effect 2", "promise 1"])
  await expect(run.result()).rejects.toThrow(RunCancelled)
  await expect.poll(() => queued(server)).toBe(0)
  expect(seen.began.toSorted()).toEqual([1, 2])
  expect(await run.status()).toBe("Cancelled")
})

test("from another process, by the id alone, and it never changes afterwards", async () => {
  const { server, app } = await start()
  const run = await app.start(hold(1))
  await someoneBegan(1)
  const other = await clientOver(server.connect())
  open.push(() => other.close())
  expect(await other.cancel(run.id)).toBe("Cancelled")
  expect(await other.cancel(run.id)).toBe("Cancelled")
  expect(await run.outcome()).toEqual({ _tag: "Cancelled", reason: "cancelled on request" })
})

test("the process that asks may die right after", async () => {
  const server = memoryServer()
  const app = await clientOver(server.connect())
  open.push(() => app.close())
  const run = await app.start(hold(1))
  const broker = server.connect()
  const dying = await clientOver(broker)
  void dying.cancel(run.id).catch(() => {})
  await expect.poll(() => server.records("memory.t._.>").length).toBe(1)
  server.crash(broker)
  const worker = await workerOver(server.connect(), tasks)
  open.push(() => worker.drain())
  expect((await run.outcome())._tag).toBe("Cancelled")
})

test("a run that has completed stays completed, and the answer says so", async () => {
  const { app } = await start()
  const run = await app.start(quick(5))
  expect(await run.result()).toBe(5)
  expect(await run.cancel()).toBe("Succeeded")
  expect(await run.result()).toBe(5)
})

test("a run nobody knows cannot be cancelled", async () => {
  const { app } = await start()
  const { id } = await app.start(quick(1))
  const other = id.replace(/.$/, (last) => (last === "x" ? "y" : "x"))
  await expect(app.cancel(other)).rejects.toThrow(UnknownRun)
})

test("at a random moment, a hundred times: one outcome each, and it never flips", async () => {
  const { app } = await start()
  const workflow = chain(map(chain(quick(), quick())), map(quick()))
  const ended = await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const run = await app.start(workflow, [1, 2, 3])
      for (let turn = 0; turn < at * 3; turn++) await new Promise(setImmediate)
      const answer = await run.cancel()
      const outcome = await run.outcome()
      expect(outcome._tag).toBe(answer)
      return [run, answer] as const
    })
  )
  for (const [run, answer] of ended) expect(await run.status()).toBe(answer)
  const answers = new Set(ended.map(([, answer]) => answer))
  expect([...answers].toSorted()).toEqual(["Cancelled", "Succeeded"])
})

test("the outcome is kept as long as whoever started the run said, whoever cancels it", async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect(), { retention: "2 hours" })
  const other = await clientOver(server.connect(), { retention: "1 minute" })
  await workerOver(server.connect(), tasks, { queues: ["nobody"] })
  const alone = await app.start(hold(1))
  const chained = await app.start(chain(hold(2), quick()))
  await someoneBegan(2)
  for (const run of [alone, chained]) expect(await other.cancel(run.id)).toBe("Cancelled")
  server.clock.advance(3_600_000)
  await server.settled()
  for (const run of [alone, chained]) expect(await run.status()).toBe("Cancelled")
})

test("what is cancelled while a retry waits is kept for as long as its own client wants", async () => {
  const server = memoryServer({ clock: "manual" })
  const own = await clientOver(server.connect(), { retention: "7 days" })
  const other = await clientOver(server.connect())
  const retry = { times: 5, initial: "1 hour", max: "1 hour", jitter: 0 } as const
  const failing = task("cancel.failing", { input: [], output: Finite, retry }, (): number => {
    throw new Error("busy")
  })
  const worker = await workerOver(server.connect(), [failing])
  const run = await own.start(failing())
  await server.settled()
  expect(await run.status()).toBe("retrying")
  expect(await other.cancel(run.id)).toBe("Cancelled")
  await server.settled()
  server.clock.advance(2 * 3_600_000)
  expect(await run.status()).toBe("Cancelled")
  await Promise.all([worker.drain(), own.close(), other.close()])
})
