/** Schedules declared beside the tasks of workers: ten that start at once, and two versions of a program beside each other. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import {
  chain,
  type DeclaredSchedule,
  map,
  schedule,
  task,
  type WorkerOptions
} from "../../src/index.ts"
import { clientOver, memoryServer, workerOver } from "../../src/testing/index.ts"

const note = task("note", { input: [], output: Schema.Void }, () => {})

const hourly = (...names: ReadonlyArray<string>): ReadonlyArray<DeclaredSchedule> =>
  names.map((name) => schedule(name, note(), { every: "1 hour" }))

const world = async () => {
  const server = memoryServer({ clock: "manual" })
  const app = await clientOver(server.connect())
  const lines: Array<string> = []
  const worker = (schedules: ReadonlyArray<DeclaredSchedule>, more: WorkerOptions = {}) =>
    workerOver(server.connect(), [note], {
      schedules,
      scheduleGroup: "tests",
      print: (line) => lines.push(line),
      ...more
    })
  const names = async (): Promise<ReadonlyArray<string>> => {
    const found: Array<string> = []
    for await (const { name } of app.schedules.list()) found.push(name)
    return found.toSorted()
  }
  const minutes = async (count: number): Promise<void> => {
    for (let passed = 0; passed < count * 6; passed++) {
      server.clock.advance(10_000)
      await server.settled()
    }
  }
  return { server, app, lines, worker, names, minutes }
}

test("ten that start at once store the same schedules, each with one timer", async () => {
  const { server, names, worker } = await world()
  await Promise.all(Array.from({ length: 10 }, () => worker(hourly("a", "b"))))
  expect(await names()).toEqual(["a", "b"])
  expect(server.records("memory.s.>")).toHaveLength(2)
  expect(server.records("memory.c.>")).toHaveLength(2)
})

test("a deploy that no longer names one deletes it, and others stay as they are", async () => {
  const { app, names, minutes, worker } = await world()
  await app.schedule("alone", note(), { every: "1 hour" })
  const old = await worker(hourly("a", "b"))
  const before = await (await app.schedules.get("b"))!.info()
  await minutes(1)
  await worker(hourly("b", "c"))
  expect(await names()).toEqual(["alone", "b", "c"])
  expect(await (await app.schedules.get("b"))!.info()).toEqual(before)
  await old.drain()
  await minutes(5)
  expect(await names()).toEqual(["alone", "b", "c"])
})

test("an older version that starts again beside a newer changes nothing, and says so", async () => {
  const { lines, names, minutes, worker } = await world()
  await worker(hourly("a", "b"))
  await minutes(1)
  await worker(hourly("a", "c"))
  const again = await worker(hourly("a", "b"))
  expect(await names()).toEqual(["a", "c"])
  await minutes(10)
  expect(await names()).toEqual(["a", "c"])
  const told = lines.filter((line) => line.includes("workers with others in that group"))
  expect(told.length).toBeGreaterThan(0)
  await again.drain()
})

test("after a rollback the older version takes its place again", async () => {
  const { names, minutes, worker } = await world()
  await (await worker(hourly("a", "b"))).drain()
  const newer = await worker(hourly("a", "c"))
  await worker(hourly("a", "b"))
  await minutes(2)
  expect(await names()).toEqual(["a", "c"])
  await newer.drain()
  await minutes(5)
  expect(await names()).toEqual(["a", "b"])
})

test("programs with groups of their own do not see each other", async () => {
  const { names, minutes, worker } = await world()
  await worker(hourly("a"), { scheduleGroup: "orders" })
  await worker(hourly("b"), { scheduleGroup: "mails" })
  await minutes(5)
  expect(await names()).toEqual(["a", "b"])
})

test("a name that another group has, or one that is declared by itself, is left to it", async () => {
  const { app, lines, names, minutes, worker } = await world()
  await app.schedule("alone", note(), { every: "1 hour" })
  await app.schedules.sync("orders", hourly("a"))
  const group = async (name: string) => (await (await app.schedules.get(name))!.info()).group
  await expect(app.schedules.sync("mails", hourly("b", "a"))).rejects.toThrow(
    'schedule "a" cannot be one of the group "mails": there is one of the group "orders", and a name has one schedule. Rename this one; or, where it is meant to move, take it out of the list of that group or delete that one first: (await app.schedules.get("a"))?.delete()'
  )
  await expect(app.schedule("a", note(), { every: "2 hours" })).rejects.toThrow(
    'schedule "a" cannot be declared by itself: there is one of the group "orders"'
  )
  await worker(hourly("alone", "c"), { scheduleGroup: "mails" })
  expect(lines.join()).toContain("there is one that is declared by itself")
  expect(await names()).toEqual(["a", "alone"])
  expect([await group("a"), await group("alone")]).toEqual(["orders", undefined])
  await (await app.schedules.get("alone"))!.delete()
  await minutes(2)
  expect(await names()).toEqual(["a", "alone", "c"])
  expect(await group("alone")).toBe("mails")
})

test("a worker says which tasks of its schedules it does not serve", async () => {
  const { lines, worker } = await world()
  const orphan = task("orphan", { input: [], output: Schema.Void })
  const each = task("each", { input: [Schema.Finite], output: Schema.Void })
  const told = () => lines.filter((line) => line.includes("does not serve"))
  await worker(hourly("a"))
  expect(told()).toEqual([])
  const often = { every: "1 hour" } as const
  await worker([
    schedule("b", chain(note(), orphan(), orphan()), often),
    schedule("c", map(each()), { ...often, input: [1] })
  ])
  expect(told()).toEqual([
    'arpeggio: this worker has schedules with tasks that it does not serve: orphan of schedule "b", each of schedule "c". They wait for a worker that does: if none is meant to, give these tasks to this one.'
  ])
})

test("what is no list of schedules is refused", async () => {
  const { worker } = await world()
  await expect(worker([note] as never)).rejects.toThrow(
    "schedules is a list of what schedule(name, workflow, spec) gives, not the task note"
  )
  await expect(worker("nightly" as never)).rejects.toThrow('gives, not "nightly"')
  await expect(worker(hourly("a"), { scheduleGroup: undefined } as never)).rejects.toThrow(
    "schedules needs a scheduleGroup"
  )
  await expect(worker(hourly("a", "a"))).rejects.toThrow('two schedules are named "a"')
})

test("a worker says in one line which schedules are there, and when each is due next", async () => {
  const { app, lines, worker } = await world()
  const told = () => lines.filter((line) => /^arpeggio: \d+ schedules? of group/.test(line))
  await worker([])
  expect(told()).toEqual([])
  await worker(hourly("a"))
  expect(told()).toEqual(['arpeggio: 1 schedule of group "tests": a (next 2026-01-01T01:00:00Z)'])
  await (await app.schedules.get("a"))!.pause("for a while")
  const until = new Date("2025-01-01T00:00:00Z")
  const over = schedule("over", note(), { every: "1 hour", until })
  await worker([...hourly("a"), over, ...hourly("b", "c", "d", "e", "f")])
  const next = "(next 2026-01-01T01:00:00Z)"
  expect(told().at(-1)).toBe(
    `arpeggio: 7 schedules of group "tests": a (paused), over (no more times), b ${next}, c ${next}, d ${next}, and 2 more`
  )
})
