/** Schedules on a real server: declared, told of, paused, resumed, triggered, deleted; by promises and by Effects. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, expect, test } from "vitest"
import {
  type App,
  Client,
  ContractError,
  connect,
  schedule,
  startWorker,
  step,
  task,
  UnknownSchedule
} from "../../src/index.ts"
import { type NatsServer, startNatsServer } from "../nats-server.ts"

const starts: Array<{
  readonly word: string
  readonly at: number | undefined
  readonly by: string
}> = []

const note = task("note", { input: [Schema.String], output: Schema.String }, (word) => {
  const { scheduled } = step()
  starts.push({ word, at: scheduled?.at.getTime(), by: scheduled?.name ?? "" })
  return word.toUpperCase()
})

const of = (word: string) => starts.filter((start) => start.word === word)
const timesOf = (word: string) => of(word).map(({ at }) => at!)

let nats: NatsServer
let app: App
let stop: () => Promise<void>

const options = (namespace = "live") => ({ servers: nats.url, namespace, print: () => {} })

beforeAll(async () => {
  nats = await startNatsServer()
  const worker = await startWorker([note], options())
  app = await connect(options())
  stop = async () => {
    await app.close()
    await worker.drain()
    await nats.stop()
  }
})
afterAll(() => stop())

test("each second is started once, for its own time, however often the same is declared", async () => {
  const declare = () => app.schedule("each", note("each"), { every: "1 second" })
  const each = await declare()
  const before = await each.info()
  let declared = 0
  while (of("each").length < 5) {
    await Promise.all([declare(), declare()])
    declared += 1
  }
  const times = timesOf("each")
  expect(declared).toBeGreaterThan(5)
  expect(times).toEqual(times.map((_, at) => times[0]! + at * 1_000))
  expect(times.every((time) => time % 1_000 === 0)).toBe(true)
  expect(of("each").every(({ by }) => by === "each")).toBe(true)
  // What it says of itself is stored behind the start that the task has begun with.
  await expect
    .poll(async () => (await each.info()).last?.at.getTime(), { timeout: 10_000 })
    .toBeGreaterThanOrEqual(times[4]!)
  const after = await each.info()
  expect(await app.attach(after.last!.run, note("each")).result()).toBe("EACH")
  expect([after.missed, after.skipped, after.spec]).toEqual([0, 0, before.spec])
  await each.delete()
  await expect(each.info()).rejects.toThrow(UnknownSchedule)
  await expect(each.delete()).rejects.toThrow('there is no schedule "each" of the owner app')
  expect(await app.schedules.get("each")).toBeUndefined()
})

test("a paused one starts nothing, and goes on with what is to come", async () => {
  const paused = await app.schedule("paused", note("paused"), { every: "1 second", paused: true })
  expect((await paused.info()).next).toBeUndefined()
  await paused.pause()
  await paused.resume()
  await expect.poll(() => of("paused").length, { timeout: 10_000 }).toBeGreaterThan(0)
  await paused.pause("the vendor is down")
  const { paused: says, spec } = await paused.info()
  expect([says?.reason, spec.paused]).toEqual(["the vendor is down", true])
  await paused.pause("it still is")
  await paused.pause()
  const { paused: latest } = await paused.info()
  expect(latest).toEqual({ since: says!.since, reason: "it still is" })
  const count = of("paused").length
  // Another schedule shows that time has passed.
  const other = await app.schedule("clock", note("clock"), { every: "1 second" })
  await expect.poll(() => of("clock").length, { timeout: 10_000 }).toBeGreaterThan(2)
  expect(of("paused").length).toBeLessThanOrEqual(count + 1)
  const still = of("paused").length
  await paused.resume()
  await expect.poll(() => of("paused").length, { timeout: 10_000 }).toBeGreaterThan(still + 1)
  const times = timesOf("paused")
  expect(new Set(times).size).toBe(times.length)
  expect((await paused.info()).missed).toBe(0)
  await paused.delete()
  await other.delete()
})

test("it is triggered with its input, or with another one", async () => {
  const never = await app.schedule("never", note(), {
    cron: "0 0 1 1 *",
    input: "own",
    timeZone: "Europe/Berlin"
  })
  expect(await (await never.trigger()).result()).toBe("OWN")
  const run = await never.trigger("other")
  expect(await run.result()).toBe("OTHER")
  expect(of("other")[0]?.by).toBe("never")
  const info = await never.info()
  expect([info.input, info.last, info.spec.timeZone]).toEqual(["own", undefined, "Europe/Berlin"])
  const found = await app.schedules.get("never")
  expect(await (await found!.trigger()).result()).toBe("OWN")
  await expect(found!.trigger("other" as never)).rejects.toThrow(
    "another input needs the workflow: use the handle that app.schedule(…) gives; options come second: trigger(undefined, { within: … })"
  )
  const full = await app.schedule("full", note("full"), { cron: "0 0 1 1 *" })
  const other = full.trigger("other" as never)
  await expect(other).rejects.toThrow("trigger: its workflow takes no input")
  await expect(full.trigger({ within: "1 second" } as never)).rejects.toThrow(
    "leave the input out; options come second: trigger(undefined, { within: … })"
  )
  await expect(other).rejects.toBeInstanceOf(ContractError)
  expect(await (await full.trigger(undefined, { within: "9 seconds" })).result()).toBe("FULL")
  await full.delete()
  await never.delete()
  await expect(never.trigger()).rejects.toThrow(UnknownSchedule)
})

test("another schedule under the name takes its place; what is owed stays owed where the times are the same", async () => {
  const spec = { every: "1 hour" } as const
  const first = await app.schedule("changed", note("one"), spec)
  const { next } = await first.info()
  await app.schedule("changed", note("two"), spec)
  expect((await first.info()).next).toEqual(next)
  await app.schedule("changed", note("two"), { every: "1 hour", offset: "1 minute" })
  const moved = (await first.info()).next!.getTime()
  expect(moved % 3_600_000).toBe(60_000)
  expect(await (await first.trigger()).result()).toBe("TWO")
  await first.delete()
})

test("what cannot be is refused before anything is sent", async () => {
  const refused = (name: string, spec: object) =>
    app.schedule(name, note("x"), spec as never).catch((cause: Error) => cause.message)
  expect(await refused("x", { cron: "0 25 * * *" })).toContain(
    'schedule "x": cron "0 25 * * *": the hour'
  )
  expect(await refused("", { every: "1 hour" })).toContain(
    "a schedule's name is a text of 1 to 200"
  )
  const keyed = app.schedule("x", note("x").with({ key: "k" }), { every: "1 hour" })
  await expect(keyed).rejects.toThrow("its workflow has a key")
  const many = app.schedule("x", note("x"), { every: "1 hour", input: 5 as never })
  await expect(many).rejects.toThrow('schedule "x": its workflow takes no input')
  const wrong = app.schedule("x", note(), { every: "1 hour", input: 5 as never })
  await expect(wrong).rejects.toThrow("note")
  expect(await app.schedules.get("x")).toBeUndefined()
})

test("a group is put in place as a whole", async () => {
  const hourly = (name: string) => schedule(name, note(name), { every: "1 hour" })
  await app.schedule("alone", note("alone"), { every: "1 hour" })
  const first = await app.schedules.sync("reports", [hourly("a"), hourly("b")])
  expect(first).toEqual({ stored: ["a", "b"], deleted: [] })
  const second = await app.schedules.sync("reports", [hourly("b"), hourly("c")])
  expect(second).toEqual({ stored: ["b", "c"], deleted: ["a"] })
  const named: Array<string> = []
  for await (const { name, group } of app.schedules.list()) named.push(`${group}/${name}`)
  expect(named.toSorted()).toEqual(["reports/b", "reports/c", "undefined/alone"])
  await expect(app.schedules.sync("reports", [hourly("a"), hourly("a")])).rejects.toThrow(
    'two schedules are named "a"'
  )
  await app.schedules.sync("reports", [])
})

test("the same in Effects", async () => {
  const program = Effect.gen(function* () {
    const client = yield* Client
    const made = yield* client.schedule("effect", note("effect"), { every: "1 hour" })
    const run = yield* made.trigger()
    const value = yield* run.result
    yield* made.pause("for a while")
    const { paused } = yield* made.info
    yield* made.resume
    const all = yield* client.schedules.list
    const found = yield* client.schedules.get("effect")
    yield* made.delete
    const gone = yield* Effect.flip(made.info)
    yield* client.schedules.sync("none", [])
    return [value, paused?.reason, all.map(({ name }) => name), found?.name, gone._tag]
  }).pipe(Effect.provide(Client.layer(options("effects"))))
  await using worker = await startWorker([note], options("effects"))
  expect((await worker.health()).state).toBe("working")
  expect(await Effect.runPromise(program)).toEqual([
    "EFFECT",
    "for a while",
    ["effect"],
    "effect",
    "UnknownSchedule"
  ])
})
