/** Reading a run from elsewhere: pending, expired and unknown are three answers. */
import * as Schema from "effect/Schema"
import { afterEach, describe, expect, test } from "vitest"
import { ResultExpired, task, UnknownRun } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"

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
    expect(await again.status()).toBe("expired")
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
})
