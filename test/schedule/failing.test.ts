/** A schedule whose start fails: it is tried again at longer and longer intervals, said once, and made good. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { BrokerError, step, task } from "arpeggio"
import { clientOver, memoryServer, workerOver, type Broker } from "arpeggio/testing"

const minute = 60_000

/** Workers that may not store the call that a schedule starts, for as long as `broken` says. */
const world = async (workers = 1) => {
  const server = memoryServer({ clock: "manual" })
  const start = server.clock.now()
  const state = { broken: true, why: "the disk of node-2 is on fire" }
  const lines: Array<string> = []
  const tried: Array<number> = []
  const times: Array<number> = []
  const note = task("note", { input: [], output: Schema.Void }, () => {
    times.push((step().scheduled!.at.getTime() - start) / minute)
  })
  const failing = (broker: Broker): Broker => ({
    ...broker,
    publish: async (publication, ...more) => {
      if (state.broken && publication.subject.startsWith("memory.t.default.")) {
        tried.push((server.clock.now() - start) / 1_000)
        throw new BrokerError({ reason: "Refused", message: state.why })
      }
      return broker.publish(publication, ...more)
    }
  })
  const print = (line: string): void => {
    if (line.startsWith("schedule ")) lines.push(line)
  }
  const all = await Promise.all(
    Array.from({ length: workers }, () => workerOver(failing(server.connect()), [note], { print }))
  )
  const app = await clientOver(server.connect())
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 5_000) {
      server.clock.advance(5_000)
      await server.settled()
    }
  }
  return { server, state, lines, tried, times, note, all, app, pass }
}

test("it is tried after 5 s, then less and less often, and each minute in the end", async () => {
  const { tried, note, app, pass, lines, state, times } = await world()
  const made = await app.schedule("nightly", note(), { every: "1 hour" })
  await pass(60 * minute + 10 * minute)
  const since = tried.map((at) => at - 3_600)
  expect(since.slice(0, 5)).toEqual([0, 5, 10, 20, 40])
  const gaps = since.slice(6).map((at, index) => at - since[index + 5]!)
  expect(gaps.length).toBeGreaterThan(6)
  expect(gaps.every((gap) => gap === 60)).toBe(true)
  expect(lines).toEqual([
    'schedule "nightly" could not be started: the disk of node-2 is on fire. It is tried again, soon and then each minute, until it can be; health says so meanwhile.'
  ])
  expect((await made.info()).overdue).toBeInstanceOf(Date)
  state.why = "the disk of node-3 is on fire"
  await pass(2 * minute)
  expect(lines).toHaveLength(2)
  state.broken = false
  await pass(minute + 5_000)
  expect(times).toEqual([1 * 60])
  expect(lines.at(-1)).toMatch(
    /^schedule "nightly" goes on, after it could not be started for 1[23] minutes$/
  )
  expect((await made.info()).overdue).toBeUndefined()
})

test("several workers try it no more often than one, and what was missed is made good as it says", async () => {
  const { server, tried, note, app, pass, state, times } = await world(3)
  const spec = { every: "10 minutes", misfire: "all", overlap: "allow" } as const
  await app.schedule("often", note(), spec)
  await pass(35 * minute)
  expect(tried.filter((at) => at > 20 * 60).length).toBeLessThanOrEqual(16)
  expect(times).toEqual([])
  state.broken = false
  await pass(2 * minute)
  expect(times.toSorted((left, right) => left - right)).toEqual([10, 20, 30])
  await pass(10 * minute)
  expect(times).toHaveLength(4)
  // One timer, of the time that is next.
  expect(server.records("memory.s.>")).toHaveLength(1)
})
