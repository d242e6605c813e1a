/** Waiting for a run: with a limit, with a signal, with nobody to do it, and over a closed connection. */
import * as Schema from "effect/Schema"
import { afterEach, expect, test, vi } from "vitest"
import {
  BrokerError,
  chain,
  group,
  InvalidResult,
  StillRunning,
  task,
  TaskCrashed,
  TaskTimedOut
} from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"

const double = task("wait.double", { input: [Schema.Finite], output: Schema.Finite }, (x) => x * 2)
const never = task(
  "wait.never",
  { input: [Schema.Finite], output: Schema.Finite },
  () => new Promise<number>(() => {})
)
const crash = task("wait.crash", { input: [Schema.Finite], output: Schema.Finite }, (): number => {
  throw new RangeError("no such shelf")
})
const open: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

test("`within` stops the waiting, not the run", async () => {
  const server = memoryServer()
  const app = await clientOver(server.connect())
  open.push(() => app.close())
  const waiting = app.run(double(4), undefined, { within: "300 millis" })
  await expect(waiting).rejects.toThrow(StillRunning)
  const id = await waiting.catch((error: StillRunning) => error.run)
  const said = await waiting.catch((error: Error) => error.message)
  // What it waits for is told where that was found out in time.
  expect(String(said).replace(/ms: wait\.double waits on queue .*?\]\./, "ms.")).toBe(
    `run ${id} did not end within 300 ms. It goes on: attach("${id}", workflow) waits for it again.`
  )
  const worker = await workerOver(server.connect(), [double])
  open.push(() => worker.drain())
  expect(await app.attach(String(id), double(4)).result()).toBe(8)
})

test("where no input is open, options take its place", async () => {
  const app = await testApp([double])
  open.push(() => app.close())
  expect(await app.run(chain(double(4), double()), { within: "1 minute" })).toBe(16)
  expect(await (await app.start(double(4), { within: "1 minute" })).result()).toBe(8)
  expect(await app.run(double(4), undefined, { within: "1 minute" })).toBe(8)
  await expect(app.run(double(4), { withn: "1 minute" } as never)).rejects.toThrow(
    "run: there is no option withn. The nearest is within"
  )
  for (const timeout of ["timeout", "timeoutMs", "deadline"]) {
    await expect(app.run(double(4), { [timeout]: "1 minute" } as never)).rejects.toThrow(
      `run: there is no option ${timeout}. The nearest is within`
    )
  }
  await expect(app.run(double(), { within: "1 minute" } as never)).rejects.toThrow(
    "wait.double: input should be number, but is { within }"
  )
})

test("a signal stops the waiting with its own reason", async () => {
  const app = await clientOver(memoryServer().connect())
  open.push(() => app.close())
  const controller = new AbortController()
  const waiting = app.run(double(4), undefined, { signal: controller.signal })
  controller.abort(new Error("the request was given up"))
  await expect(waiting).rejects.toThrow("the request was given up")
})

test("a run that finds no worker says so, and continues when one starts", async () => {
  const server = memoryServer({ namespace: "shop" })
  const lines: Array<string> = []
  let told: () => void = () => {}
  const said = new Promise<void>((resolve) => (told = resolve))
  const app = await clientOver(server.connect(), {
    print: (line) => {
      lines.push(line)
      told()
    }
  })
  open.push(() => app.close())
  const answer = app.run(chain(double(1), double()))
  await said
  expect(lines[0]).toMatch(
    /^arpeggio: no worker on queue "default" yet \(namespace "shop"\), or none with a free slot, so wait\.double waits; run app-\w+-\w+ continues as soon as one starts/
  )
  const worker = await workerOver(server.connect(), [double])
  open.push(() => worker.drain())
  expect(await answer).toBe(4)
})

test("a call that expires says so where no worker is there, before and after", async () => {
  const server = memoryServer({ namespace: "shop" })
  const lines: Array<string> = []
  const app = await clientOver(server.connect(), { print: (line) => lines.push(line) })
  open.push(() => app.close())
  const late = app.run(double(1).with({ expires: "50 millis" }))
  const soon = app.run(double(1).with({ expires: "1 hour", queue: "slow" }))
  for (const answer of [late, soon]) answer.catch(() => {})
  await expect.poll(() => lines.length, { timeout: 15_000 }).toBe(2)
  expect(lines.find((line) => line.includes('"default"'))).toMatch(
    /; it expired at \S+Z, and so the first worker of the namespace that starts ends it as Expired$/
  )
  expect(lines.find((line) => line.includes('"slow"'))).toMatch(
    /; it expires at \S+Z, and what is not begun by then the first worker of the namespace ends as Expired$/
  )
})

test("a reply that was lost with the connection is made up for, also when nobody has asked yet", async () => {
  const server = memoryServer()
  const app = await clientOver(server.connect({ name: "client" }))
  const worker = await workerOver(server.connect({ name: "worker" }), [double])
  open.push(
    () => app.close(),
    () => worker.drain()
  )
  let lost = false
  server.onCall = ({ connection, verb }) => {
    if (connection !== "client" || verb !== "reply") return undefined
    lost = true
    return "lost"
  }
  const run = await app.start(double(4))
  await expect.poll(() => lost).toBe(true)
  server.restart()
  await server.settled()
  // What is still known then was read when the connection was back.
  await server.connect().purge("memory.r.>")
  expect(await run.result()).toBe(8)
})

test("waiting costs one read a poll, and now and then a look whether the run is still there", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  open.push(async () => void vi.useRealTimers())
  const server = memoryServer()
  const app = await clientOver(server.connect({ name: "client" }))
  open.push(() => app.close())
  const run = await app.start(chain(double(1), double()))
  const failure = run.result().catch(() => {})
  const asked: Array<string> = []
  server.onCall = ({ connection, verb }) => {
    if (connection === "client") asked.push(verb)
    return undefined
  }
  const after = async (milliseconds: number): Promise<ReadonlyArray<string>> => {
    vi.advanceTimersByTime(milliseconds)
    await server.settled()
    return asked.splice(0)
  }
  expect((await after(5_000)).toSorted()).toEqual(["lanes", "page", "read", "waiting"])
  server.restart()
  expect(await after(0)).toEqual(["read"])
  const minute = await after(60_000)
  expect(minute.filter((verb) => verb === "count").length).toBeGreaterThan(0)
  expect(minute.length).toBeLessThan(24)
  await app.close()
  await failure
})

test("closing the connection ends the waiting with an error that names the run", async () => {
  const app = await clientOver(memoryServer().connect())
  const run = await app.start(double(1))
  const failure = run.result().catch((cause: unknown) => cause)
  await app.close()
  expect(await failure).toBeInstanceOf(BrokerError)
  expect(String(await failure)).toContain(`was closed while run ${run.id} was awaited`)
})

test("a crash names the task, its place, the run and the worker, and points at the caller's line", async () => {
  await using app = await testApp([double, crash])
  const error = await app.run(chain(double(1), crash())).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TaskCrashed)
  const crashed = error as TaskCrashed
  expect(crashed.message).toMatch(
    /^wait\.crash \(step 2, attempt 1\) in run app-\w+-\w+ on worker .+ crashed: RangeError: no such shelf\. If this is expected/
  )
  expect(crashed.thrown).toMatchObject({ name: "RangeError", message: "no such shelf" })
  expect(crashed.stack?.split("\n")[1]).toContain("waiting.test.ts")
})

test("a handler that does not return is timed out, as its call, its contract or its worker says", async () => {
  await using app = await testApp([never])
  const error = await app
    .run(never(1).with({ timeout: "30 millis" }))
    .catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TaskTimedOut)
  expect((error as TaskTimedOut).message).toContain("did not return within 30 ms")
})

test("in a flood of calls, too, an error points at whoever awaits it", async () => {
  await using app = await testApp([double, crash])
  const lines = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      try {
        await app.run(crash(at))
      } catch (cause) {
        return (cause as Error).stack!.split("\n").slice(1)
      }
      return []
    })
  )
  for (const [first] of lines) expect(first).toContain("waiting.test.ts")
})

test("however many wait, only some of them ask the broker at a time", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  open.push(async () => void vi.useRealTimers())
  const server = memoryServer()
  const app = await clientOver(server.connect({ name: "client" }))
  open.push(() => app.close())
  const runs = await Promise.all(Array.from({ length: 500 }, (_, at) => app.start(double(at))))
  const failures = runs.map((run) => run.result().catch(() => {}))
  let release = (): void => {}
  const hold = new Promise<void>((resolve) => (release = resolve))
  let reads = 0
  server.onCall = ({ connection, verb }) => {
    if (connection !== "client" || verb !== "read") return undefined
    reads += 1
    return { hold }
  }
  vi.advanceTimersByTime(5_000)
  await server.settled()
  expect(reads).toBe(64)
  release()
  await server.settled()
  expect(reads).toBe(500)
  await app.close()
  await Promise.all(failures)
})

test("whoever runs one after another is looked after by one clock", async () => {
  await using app = await testApp([double])
  const clocks = vi.spyOn(globalThis, "setInterval")
  try {
    for (let more = 0; more < 5; more += 1) expect(await app.run(double(more))).toBe(2 * more)
    expect(clocks).toHaveBeenCalledTimes(1)
  } finally {
    clocks.mockRestore()
  }
})

test("a signal that has fired already starts nothing", async () => {
  const server = memoryServer()
  const app = await clientOver(server.connect())
  open.push(() => app.close())
  const signal = AbortSignal.abort(new Error("the request was given up"))
  await expect(app.run(double(4), undefined, { signal })).rejects.toThrow("was given up")
  expect(server.records()).toEqual([])
})

test("a result beyond what one value may hold is said to be so", async () => {
  const much = task("wait.much", { input: [], output: Schema.Array(Schema.Finite) }, () =>
    Array.from({ length: 600_000 }, () => 1)
  )
  await using app = await testApp([much])
  const error = await app.run(group(much(), much())).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(InvalidResult)
  expect((error as Error).message).toContain("is larger than one value may be")
})
