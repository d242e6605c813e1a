/** What users of other systems have reported of their schedules, each under the number of its issue. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { nextTimes, step, task } from "../../src/index.ts"
import { clientOver, memoryServer, workerOver } from "../../src/testing/index.ts"

const minute = 60_000

const world = async (seed?: number) => {
  const times: Array<number> = []
  const note = task("note", { input: [Schema.Finite], output: Schema.Void }, () => {
    times.push(step().scheduled!.at.getTime())
  })
  const server = memoryServer({ clock: "manual", ...(seed === undefined ? {} : { seed }) })
  const broker = server.connect({ name: "worker" })
  await workerOver(broker, [note])
  const client = () => clientOver(server.connect())
  const pass = async (milliseconds: number): Promise<void> => {
    server.clock.advance(milliseconds)
    await server.settled()
  }
  const start = server.clock.now()
  return { server, note, times, client, pass, start, broker }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "BullMQ #2988, #3063, #3381, #3430: upserts at once, the same and others, leave one schedule that goes on (seed %d)",
  async (seed) => {
    const { server, note, times, client, pass, start } = await world(seed)
    const apps = await Promise.all(Array.from({ length: 10 }, client))
    for (let round = 1; round <= 6; round++) {
      await Promise.all(
        apps.map((app, at) =>
          app.schedule("one", note(at % 3), { every: "1 minute", overlap: "allow" })
        )
      )
      await pass(minute)
    }
    await pass(minute)
    expect(times.toSorted()).toEqual(
      Array.from({ length: 7 }, (_, at) => start + (at + 1) * minute)
    )
    expect(server.records("memory.c.>")).toHaveLength(1)
    const app = apps[0]!
    await (await app.schedules.get("one"))!.delete()
    await pass(3 * minute)
    expect(times).toHaveLength(7)
    expect(server.records("memory.c.>")).toHaveLength(0)
  }
)

test("River #791: an interval longer than the time between deploys runs all the same", async () => {
  const { note, times, client, pass, start } = await world()
  const app = await client()
  for (let deploy = 0; deploy < 15; deploy++) {
    await app.schedule("hourly", note(deploy), { every: "1 hour" })
    await pass(20 * minute)
  }
  expect(times).toEqual([1, 2, 3, 4, 5].map((hour) => start + hour * 60 * minute))
})

test("Sidekiq #6804: a time that comes while nobody is there is started by whoever comes next", async () => {
  const { server, note, times, client, pass, start, broker } = await world()
  const app = await client()
  await app.schedule("at ten", note(1), { cron: "0 10 * * *" })
  await pass(9 * 60 * minute + 59 * minute)
  server.crash(broker)
  await pass(minute)
  expect(times).toEqual([])
  await workerOver(server.connect(), [note])
  await server.settled()
  await pass(30_000)
  expect(times).toEqual([start + 10 * 60 * minute])
})

const hours = (
  cron: string,
  timeZone: string,
  from: string,
  count: number
): ReadonlyArray<number> =>
  nextTimes({ cron, timeZone }, count, new Date(from)).map((time) => time.getTime() / 3_600_000)

test("Celery #10107, #9653: an hourly job skips no hour where the clock goes back", () => {
  for (const [timeZone, from] of [
    ["America/New_York", "2026-11-01T03:30Z"],
    ["Europe/Berlin", "2026-10-24T22:30Z"],
    ["Africa/Cairo", "2026-10-29T18:30Z"]
  ] as const) {
    const found = hours("0 * * * *", timeZone, from, 8)
    expect(found.map((hour) => hour - found[0]!)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  }
})

test("Celery #1604, #6438: a daily job neither moves nor comes twice where clocks change", () => {
  for (const from of ["2026-03-06T00:00Z", "2026-10-30T00:00Z"]) {
    const local = nextTimes({ cron: "30 9 * * *", timeZone: "America/New_York" }, 5, new Date(from))
    const told = local.map((time) =>
      time.toLocaleString("en-GB", {
        timeZone: "America/New_York",
        day: "numeric",
        hour: "2-digit",
        minute: "2-digit"
      })
    )
    expect(new Set(told).size).toBe(5)
    expect(told.every((words) => words.endsWith("09:30"))).toBe(true)
  }
})
