/** Fact: somebody sets a clock by an hour, the machine's own or the broker's, while everything runs. */
import { readFile } from "node:fs/promises"
import * as Schema from "effect/Schema"
import { afterEach, expect, onTestFinished, test, vi } from "vitest"
import { task } from "arpeggio"
import { serverForTest } from "../nats/fixture.ts"
import { setClockOf, whyNoClock } from "./clock-of.ts"
import { clientAt, double, took, workerAt } from "./place.ts"

const hour = 3_600_000

afterEach(() => void vi.restoreAllMocks())

/** Sets the clock that this process reads. */
const setOwnClock = (by: number): void => {
  const real = Date.now.bind(Date)
  vi.spyOn(Date, "now").mockImplementation(() => real() + by)
}

/** A process that is told to stop may go on for a moment on a busy machine. */
const stop = async (pid: number): Promise<void> => {
  process.kill(pid, "SIGSTOP")
  const state = async (): Promise<string> =>
    process.platform === "linux" ? await readFile(`/proc/${pid}/stat`, "utf8") : ") T "
  await expect.poll(state).toContain(") T ")
}

test.each([-hour, hour])(
  "a process whose clock was set by %i ms connects again all the same",
  async (by) => {
    const server = await serverForTest()
    const worker = await workerAt(server)
    const app = await clientAt(server)
    expect(await app.run(double(1))).toBe(2)
    setOwnClock(by)
    // The client library notes when it tried a server by the clock that was set: back by an hour, it would wait for an hour.
    server.kill()
    await expect.poll(async () => (await worker.health()).connection.connected).toBe(false)
    const { disconnectedFor } = (await worker.health()).connection
    expect(disconnectedFor).toBeGreaterThanOrEqual(0)
    expect(disconnectedFor).toBeLessThan(10_000)
    const waiting = app.run(double(2))
    await server.restart()
    expect(await took(async () => expect(await waiting).toBe(4))).toBeLessThan(5_000)
    await expect.poll(async () => (await worker.health()).problems).toEqual([])
  }
)

test.each([-hour, hour])(
  "a clock set by %i ms under questions that wait neither ends nor prolongs the waiting",
  async (by) => {
    const server = await serverForTest()
    // A question that went unanswered is asked again after 300 ms, and given up after 2 s.
    const app = await clientAt(server, { attempt: 300, overall: 2_000 })
    const worker = await workerAt(server)
    expect(await app.run(double(1))).toBe(2)
    await stop(server.pid)
    onTestFinished(() => void process.kill(server.pid, "SIGCONT"))
    const first = app.run(double(2))
    setOwnClock(by)
    const soon = performance.now() + 1_000
    await expect.poll(() => performance.now() > soon, { timeout: 5_000 }).toBe(true)
    process.kill(server.pid, "SIGCONT")
    expect(await first).toBe(4)
    await stop(server.pid)
    const second = app.start(double(3))
    vi.restoreAllMocks()
    const waited = await took(() => expect(second).rejects.toMatchObject({ reason: "Unknown" }))
    expect(waited).toBeGreaterThan(1_500)
    expect(waited).toBeLessThan(4_000)
    process.kill(server.pid, "SIGCONT")
    await expect.poll(async () => (await worker.health()).problems).toEqual([])
  }
)

let tries = 0
const second = task(
  "facts.second",
  {
    input: [Schema.Finite],
    output: Schema.Finite,
    retry: { times: 3, initial: "1 second", jitter: 0 }
  },
  (x) => {
    tries += 1
    if (tries % 2 === 1) throw new Error("the first try fails")
    return x
  }
)

test.skipIf(whyNoClock !== undefined).each([-3_600, 3_600])(
  "after the broker's clock was set by %i s a retry waits as long as before, once that was noticed",
  async (by) => {
    tries = 0
    const server = await serverForTest()
    const lines: Array<string> = []
    const print = (line: string): void => void lines.push(line)
    // Looked at whenever the time is asked for; usually every half minute.
    await workerAt(server, [second, double], { glance: 0 }, { print })
    const app = await clientAt(server)
    const quick = await took(async () => expect(await app.run(second(1))).toBe(1))
    expect(quick).toBeGreaterThan(990)
    await setClockOf(server.pid, by)
    await expect
      .poll(async () => {
        // What is worked on asks for the time.
        await app.run(double(1))
        return lines.join("\n")
      })
      .toContain(by < 0 ? "was set back by 3600 s" : "has gone on by 3600 s more")
    const later = await took(async () => expect(await app.run(second(2))).toBe(2))
    expect(later).toBeGreaterThan(990)
    expect(later).toBeLessThan(5_000)
  }
)
