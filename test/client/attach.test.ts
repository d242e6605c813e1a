/** Reading a run from elsewhere: pending, expired and unknown are three answers. */
import * as Schema from "effect/Schema"
import { afterEach, describe, expect, test } from "vitest"
import {
  chain,
  group,
  ignoreInput,
  InvalidResult,
  recover,
  ResultExpired,
  settle,
  task,
  TaskCrashed,
  UnknownRun
} from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"

const double = task(
  "attach.double",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => x * 2
)
const open: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const start = async (options: { retention?: "1 second" } = {}) => {
  const server = memoryServer()
  const app = await clientOver(server.connect(), options)
  open.push(() => app.close())
  const work = async () => {
    const worker = await workerOver(server.connect(), [double])
    open.push(() => worker.drain())
  }
  return { server, app, work }
}

describe("attach", () => {
  test("another client reads the outcome of a run it did not start", async () => {
    const { server, app, work } = await start()
    const run = await app.start(double(21))
    const other = await clientOver(server.connect())
    open.push(() => other.close())
    const attached = other.attach(run.id, double(21))
    const result = attached.result()
    await work()
    expect(await result).toBe(42)
    expect(await other.attach(run.id, double(21)).outcome()).toEqual({
      _tag: "Succeeded",
      value: 42
    })
    expect(await attached.status()).toBe("Succeeded")
  })

  test("a run of another task that failed is told by the task that did", async () => {
    class Odd extends Schema.TaggedError<Odd>()("Odd", {}) {}
    const even = task(
      "attach.even",
      { input: [Schema.Finite], output: Schema.Finite, errors: [Odd] },
      () => {
        throw new Odd()
      }
    )
    await using app = await testApp([double, even])
    const run = await app.start(even(1))
    await expect(run.result()).rejects.toThrow(Odd)
    const read = app.attach(run.id, double)
    for (const reading of [read.result(), read.outcome()]) {
      const error = await reading.catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(InvalidResult)
      expect((error as InvalidResult).message).toBe(
        `the outcome of run ${run.id} does not fit the workflow it is read as: attach.even failed, which is no task of that workflow. Attach with the workflow that was started, at the version that was started.`
      )
    }
  })

  test("an unknown run is said to be unknown, at once", async () => {
    const { server, app } = await start()
    const other = await clientOver(server.connect())
    open.push(() => other.close())
    const run = await app.start(double(1))
    const id = run.id.replace(/.$/, (last) => (last === "x" ? "y" : "x"))
    expect(await other.attach(id, double(1)).status()).toBe("unknown")
    await expect(other.attach(id, double(1)).result()).rejects.toThrow(UnknownRun)
    await expect(other.attach(id, double(1)).outcome()).rejects.toThrow(
      `nothing is known of run ${id}: its start was never accepted in this namespace, or the id is wrong.`
    )
  })

  test("of what is no run id at all, every verb says so, and throws nothing where nobody awaits it", async () => {
    const { app } = await start()
    for (const id of ["order 7", "", "app-k1-*", undefined as never]) {
      const run = app.attach(id, double(1))
      for (const verb of ["outcome", "result", "status", "cancel"] as const) {
        await expect(run[verb]()).rejects.toThrow(UnknownRun)
        await expect(run[verb]()).rejects.toThrow("is not the id of a run")
      }
      await expect(app.cancel(id)).rejects.toThrow(UnknownRun)
    }
  })

  test("a run whose outcome has expired is told from an unknown one", async () => {
    const { server, app, work } = await start({ retention: "1 second" })
    await work()
    const run = await app.start(double(2))
    expect(await run.result()).toBe(4)
    server.clock.advance(2_500)
    const again = app.attach(run.id, double(2))
    expect(await again.status()).toBe("forgotten")
    await expect(again.result()).rejects.toThrow(ResultExpired)
    await expect(again.result()).rejects.toThrow("is no longer kept")
  })

  test("a run older than the retention that nobody has executed yet is pending, not expired", async () => {
    const { server, app, work } = await start({ retention: "1 second" })
    const run = await app.start(double(3))
    server.clock.advance(60_000)
    const again = app.attach(run.id, double(3))
    expect(await again.status()).toBe("pending")
    const result = again.result()
    await work()
    expect(await result).toBe(6)
  })

  test("a run is read by its task, or by a function that builds the workflow", async () => {
    const { app, work } = await start()
    await work()
    const { id } = await app.start(chain(double(3), double()))
    expect(await app.attach(id, double).result()).toBe(12)
    expect(await app.attach(id, () => chain(double(0), double())).result()).toBe(12)
    const build = (x: number) => double(x)
    expect(() => app.attach(id, build as never)).toThrow(
      "the second argument of attach builds a workflow from arguments, which are not known here: give attach what it returns"
    )
    expect(() => app.attach(id, (() => 3) as never)).toThrow(
      "the second argument of attach is not a workflow but 3"
    )
    expect(() => app.attach(id, undefined as never)).toThrow(
      "the second argument of attach is not a workflow but undefined"
    )
  })
})

class Short extends Schema.TaggedError<Short>()("Short", { missing: Schema.Finite }) {}
const take = task(
  "attach.take",
  { input: [Schema.Date, Schema.Finite], output: Schema.Date, errors: [Short] },
  (day, count) => {
    if (count > 9) throw new Short({ missing: count - 9 })
    if (count < 0) throw new RangeError("no such shelf")
    return day
  }
)
const day = new Date("2024-02-29T12:00:00Z")

describe("attach without a workflow", () => {
  const runOf = async (count: number) => {
    const app = await testApp([take, double])
    open.push(() => app.close())
    const started = await app.start(take(day, count))
    return { app, run: app.attach(started.id) }
  }

  test("gives an output as the JSON that is stored", async () => {
    const { app, run } = await runOf(1)
    expect(await run.result()).toBe("2024-02-29T12:00:00.000Z")
    expect(await run.outcome()).toEqual({ _tag: "Succeeded", value: "2024-02-29T12:00:00.000Z" })
    expect(await run.status()).toBe("Succeeded")
    expect(await run.cancel()).toBe("Succeeded")
    const both = await app.start(settle(group({ at: take(day, 1), none: take(day, 10) })))
    expect(await app.attach(both.id).result()).toMatchObject({
      _tag: "Failed",
      error: { _tag: "Short", missing: 1 }
    })
    const other = await app.start(recover(take(day, 10), { Short: ignoreInput(double(4)) }))
    expect(await app.attach(other.id).result()).toBe(8)
  })

  test("gives a declared error as data, and rejects with an Error that has its fields", async () => {
    const { run } = await runOf(12)
    expect(await run.outcome()).toMatchObject({
      _tag: "Failed",
      error: { _tag: "Short", missing: 3 },
      failure: { task: "attach.take" }
    })
    const failure = await run.result().catch((error: unknown) => error as Error)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).toMatchObject({ name: "Short", _tag: "Short", missing: 3 })
    expect((failure as Error).message).toMatch(
      /^attach\.take \(.*\) in run app-.* failed with Short$/
    )
    expect((failure as Error).stack).toContain("attach.test.ts")
  })

  test("says of every other end what it says to whoever knows the workflow", async () => {
    const { run } = await runOf(-1)
    await expect(run.result()).rejects.toThrow(TaskCrashed)
    await expect(run.result()).rejects.toThrow("no such shelf")
    expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "RangeError" })
  })
})
