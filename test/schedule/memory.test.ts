/** Schedules over a broker in memory with a clock that the test moves: long times, missed times, runs that overlap. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, Failure, group, nextTimes, onFailure, step, task } from "../../src/index.ts"
import type { ScheduleOptions } from "../../src/schedule/spec.ts"
import { clientOver, memoryServer, testApp, workerOver } from "../../src/testing/index.ts"

const day = 86_400_000

/** A task that notes for which times it was run. */
const noting = () => {
  const times: Array<Date> = []
  const note = task("note", { input: [], output: Schema.Void }, () => {
    times.push(step().scheduled!.at)
  })
  return { times, note }
}

/** Lets time pass in steps, so that what falls due has its turn. */
const pass = async (
  server: ReturnType<typeof memoryServer>,
  milliseconds: number,
  each: number
): Promise<void> => {
  for (let passed = 0; passed < milliseconds; passed += each) {
    server.clock.advance(Math.min(each, milliseconds - passed))
    await server.settled()
  }
}

test("a year of a monthly schedule", async () => {
  const { times, note } = noting()
  const server = memoryServer({ clock: "manual" })
  await using app = await testApp([note], { server })
  const from = new Date(server.clock.now())
  const spec = { cron: "30 2 L * *", timeZone: "Europe/Berlin" } as const
  const monthly = await app.schedule("monthly", note(), spec)
  await pass(server, 365 * day, day)
  expect(times).toEqual(nextTimes(spec, 12, from))
  expect((await monthly.info()).next).toEqual(nextTimes(spec, 13, from)[12])
})

test("what runs is what nextTimes tells, over both changes of the clock", async () => {
  const cases = [
    ["30 2 * * *", "Europe/Berlin", "2026-03-25", 8],
    ["30 2 * * *", "Europe/Berlin", "2026-10-22", 8],
    ["0 0 * * *", "Africa/Cairo", "2026-04-20", 8],
    ["0 0 * * 5", "Africa/Cairo", "2026-04-20", 16],
    ["15 2 * * *", "Australia/Lord_Howe", "2026-10-01", 8]
  ] as const
  for (const [cron, timeZone, begin, days] of cases) {
    const { times, note } = noting()
    const server = memoryServer({ clock: "manual" })
    await using app = await testApp([note], { server })
    server.clock.advance(Date.parse(begin) - server.clock.now())
    const from = new Date(server.clock.now())
    await app.schedule("s", note(), { cron, timeZone, overlap: "allow", tolerance: "2 days" })
    await pass(server, days * day, day)
    expect(times.length).toBeGreaterThan(1)
    expect(times).toEqual(nextTimes({ cron, timeZone }, times.length, from))
  }
})

/** Nobody is there for an hour of a schedule of each minute. */
const afterAnHour = async (options: ScheduleOptions) => {
  const { times, note } = noting()
  const server = memoryServer({ clock: "manual" })
  await using app = await clientOver(server.connect())
  const start = server.clock.now()
  const spec = { every: "1 minute", overlap: "allow", ...options } as const
  const made = await app.schedule("s", note(), spec)
  await pass(server, 3_600_000 + 45_000, 60_000)
  await using worker = await workerOver(server.connect(), [note])
  await expect
    .poll(async () => (await made.info()).next?.getTime())
    .toBeGreaterThan(server.clock.now())
  await server.settled()
  expect((await worker.health()).state).toBe("working")
  const { missed } = await made.info()
  return { minutes: times.map((time) => (time.getTime() - start) / 60_000), missed }
}

const late = { tolerance: "30 seconds" } as const

test("missed times: the last, none, or the newest", async () => {
  expect(await afterAnHour(late)).toEqual({ minutes: [60], missed: 59 })
  expect(await afterAnHour({ ...late, misfire: "skip" })).toEqual({ minutes: [], missed: 60 })
  expect(await afterAnHour({ ...late, misfire: "all", most: 3 })).toEqual({
    minutes: [58, 59, 60],
    missed: 57
  })
  expect(await afterAnHour({ ...late, misfire: "all" })).toEqual({
    minutes: Array.from({ length: 60 }, (_, at) => at + 1),
    missed: 0
  })
})

test("a time that is not missed is started, and makes those before good", async () => {
  expect(await afterAnHour({ tolerance: "50 seconds" })).toEqual({ minutes: [60], missed: 59 })
  expect(await afterAnHour({ tolerance: "50 seconds", misfire: "skip" })).toEqual({
    minutes: [60],
    missed: 59
  })
})

/** Runs that last until they are told to end. */
const lasting = async (overlap: ScheduleOptions["overlap"]) => {
  const begun: Array<Date> = []
  const stopped: Array<Date> = []
  const ends: Array<() => void> = []
  const long = task("long", { input: [], output: Schema.Void }, async () => {
    const { scheduled, signal } = step()
    begun.push(scheduled!.at)
    await new Promise<void>((end) => {
      ends.push(end)
      signal.addEventListener("abort", () => {
        stopped.push(scheduled!.at)
        end()
      })
    })
  })
  const server = memoryServer({ clock: "manual" })
  await using app = await testApp([long], { server })
  const start = server.clock.now()
  const made = await app.schedule("s", long(), { every: "1 minute", ...(overlap && { overlap }) })
  await pass(server, 3 * 60_000, 10_000)
  for (const end of ends.splice(0)) end()
  await pass(server, 2 * 60_000, 10_000)
  for (const end of ends) end()
  const minutes = (dates: ReadonlyArray<Date>) =>
    dates.map((date) => (date.getTime() - start) / 60_000)
  const { skipped } = await made.info()
  return { begun: minutes(begun), stopped: minutes(stopped), skipped }
}

test("while the run before is under way, none is started, one besides, or one instead", async () => {
  expect(await lasting(undefined)).toEqual({ begun: [1, 4], stopped: [], skipped: 3 })
  expect(await lasting("allow")).toEqual({ begun: [1, 2, 3, 4, 5], stopped: [], skipped: 0 })
  const cancelled = await lasting("cancel-previous")
  expect(cancelled.begun).toEqual([1, 2, 3, 4, 5])
  expect(cancelled.stopped.slice(0, 2)).toEqual([1, 2])
})

test("jitter puts off the start, not the time", async () => {
  const starts: Array<number> = []
  const server = memoryServer({ clock: "manual" })
  const note = task("note", { input: [], output: Schema.Void }, () => {
    starts.push(server.clock.now() - step().scheduled!.at.getTime())
  })
  await using app = await testApp([note], { server })
  await app.schedule("s", note(), { every: "1 minute", jitter: "30 seconds" })
  await pass(server, 20 * 60_000, 500)
  expect(starts.length).toBeGreaterThanOrEqual(19)
  expect(Math.min(...starts)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...starts)).toBeLessThan(31_000)
  expect(new Set(starts).size).toBeGreaterThan(10)
})

test("it ends with its last time, and the deadline of its workflow is that of each run", async () => {
  const server = memoryServer({ clock: "manual" })
  const times: Array<Date> = []
  const stuck = task("stuck", { input: [], output: Schema.Void }, async () => {
    const { scheduled, signal } = step()
    times.push(scheduled!.at)
    await new Promise<void>((end) => void signal.addEventListener("abort", () => end()))
  })
  await using app = await testApp([stuck], { server })
  const until = new Date(server.clock.now() + 150_000)
  const made = await app.schedule("s", stuck().with({ deadline: "20 seconds" }), {
    every: "1 minute",
    until
  })
  await pass(server, 600_000, 5_000)
  expect(times.length).toBe(2)
  const { next, last } = await made.info()
  expect(next).toBeUndefined()
  expect((await app.attach(last!.run).outcome())._tag).toBe("TimedOut")
})

test("every step of its run knows the time, and what is done when it has failed", async () => {
  const server = memoryServer({ clock: "manual" })
  const told: Array<string> = []
  const tell = (what: string): void => {
    const { name, at } = step().scheduled!
    told.push(`${what} ${name} ${(at.getTime() - start) / 60_000}`)
  }
  const start = server.clock.now()
  const first = task("first", { input: [], output: Schema.Finite }, () => (tell("first"), 1))
  const each = task("each", { input: [Schema.Finite], output: Schema.Void }, () => {
    tell("each")
    throw new Error("no")
  })
  const alert = task("alert", { input: [Failure.schema()], output: Schema.Void }, () =>
    tell("alert")
  )
  await using app = await testApp([first, each, alert], { server })
  const workflow = onFailure(chain(first(), group(each(), each())), alert())
  await app.schedule("s", workflow, { every: "1 minute" })
  await pass(server, 60_000, 10_000)
  expect(told.toSorted()).toEqual(["alert s 1", "each s 1", "each s 1", "first s 1"])
})

test("a step knows whether its run was triggered by hand, and so do those behind it and what is done when it has failed", async () => {
  const server = memoryServer({ clock: "manual" })
  const told: Array<string> = []
  const tell = (what: string): void => {
    const { at, triggered } = step().scheduled!
    told.push(`${what} ${triggered} ${(at.getTime() - start) / 1_000}`)
  }
  const start = server.clock.now()
  const first = task("first", { input: [], output: Schema.Void }, () => tell("first"))
  const second = task("second", { input: [], output: Schema.Void }, () => {
    tell("second")
    throw new Error("no")
  })
  const alert = task("alert", { input: [Failure.schema()], output: Schema.Void }, () =>
    tell("alert")
  )
  await using app = await testApp([first, second, alert], { server })
  const made = await app.schedule("s", onFailure(chain(first(), second()), alert()), {
    every: "1 minute"
  })
  await pass(server, 20_000, 10_000)
  await made.trigger()
  await server.settled()
  expect(told).toEqual(["first true 20", "second true 20", "alert true 20"])
  await pass(server, 40_000, 10_000)
  expect(told.slice(3)).toEqual(["first false 60", "second false 60", "alert false 60"])
})

test("a schedule that nobody drives says since when it is overdue, until somebody does", async () => {
  const { note } = noting()
  const server = memoryServer({ clock: "manual" })
  await using app = await clientOver(server.connect())
  const start = server.clock.now()
  const made = await app.schedule("s", note(), { every: "1 minute", misfire: "skip" })
  await pass(server, 60_000 + 10_000, 5_000)
  expect((await made.info()).overdue).toBeUndefined()
  await pass(server, 10_000, 5_000)
  const due = new Date(start + 60_000)
  expect(await made.info()).toMatchObject({ overdue: due, next: due })
  for await (const { overdue } of app.schedules.list()) expect(overdue).toEqual(due)
  await made.pause()
  expect((await made.info()).overdue).toBeUndefined()
  await made.resume()
  await pass(server, 120_000, 5_000)
  expect((await made.info()).overdue).toBeInstanceOf(Date)
  await using worker = await workerOver(server.connect(), [note])
  await server.settled()
  await expect.poll(async () => (await made.info()).overdue).toBeUndefined()
  expect((await worker.health()).state).toBe("working")
})
