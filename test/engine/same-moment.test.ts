/**
 * A cancel, a deadline and the end of a keyed run at the same moment, in every order and with every fault at every call
 * from then on: one outcome, which whoever cancelled is told, a key that is free in its time, and nothing is left behind.
 */
import * as Schema from "effect/Schema"
import { afterAll, expect, onTestFinished, test } from "vitest"
import { chain, group, task, type AnyWorkflow, type App } from "../../src/index.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/nats/broker.ts"
import type { Fault } from "../../src/testing/memory/fault.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { serverForTest } from "../nats/fixture.ts"
import { withoutLeavingTimers } from "./timers.ts"

const hour = 3_600_000
const minute = 60_000
const after = 10_000

/** Waits until the test lets it end. */
let release: () => void = () => {}
let released = Promise.resolve()
let reached: () => void = () => {}
const held = task("moment.held", { input: [Schema.Finite], output: Schema.Finite }, async (x) => {
  reached()
  await released
  return x
})
const next = task("moment.next", { input: [Schema.Finite], output: Schema.Finite }, (x) => x)

const forms: Readonly<Record<string, AnyWorkflow>> = {
  "a call": held(1),
  "a chain": chain(held(1), next(), next()),
  "a group": group(held(1), chain(held(2), next()))
}

type Event = "cancel" | "deadline" | "end" | "start"

const orders: ReadonlyArray<ReadonlyArray<Event>> = [
  ["cancel", "deadline", "end", "start"],
  ["deadline", "cancel", "start", "end"],
  ["end", "start", "cancel", "deadline"],
  ["start", "end", "deadline", "cancel"],
  ["cancel", "start", "deadline"],
  ["deadline", "start", "cancel"]
]

const faults = ["lost", "unanswered", "duplicate", "crash-before", "crash-after"] as const

interface Played {
  readonly calls: number
  readonly problems: ReadonlyArray<string>
  readonly outcome: string
}

const play = (
  workflow: AnyWorkflow,
  order: ReadonlyArray<Event>,
  fault?: { readonly at: number; readonly as: (typeof faults)[number] }
): Promise<Played> =>
  withoutLeavingTimers(async () => {
    const server = memoryServer({ clock: "manual" })
    released = new Promise((resolve) => (release = resolve))
    const begun = new Promise<void>((resolve) => (reached = resolve))
    const begin = async (): Promise<void> =>
      void (await workerOver(server.connect({ name: "worker" }), [held, next]))
    await begin()
    await begin()
    const app = await clientOver(server.connect({ name: "client" }))
    const keyed = workflow.with({ key: "one", deadline: `${after} millis` }) as never
    const run = await app.start(keyed)
    await begun
    await server.settled()
    let calls = 0
    server.onCall = ({ connection }): Fault | undefined => {
      if (connection !== "worker") return undefined
      calls += 1
      if (fault?.at !== calls) return undefined
      if (fault.as.startsWith("crash")) void begin().catch(() => {})
      return fault.as
    }
    const problems: Array<string> = []
    const told: Array<string> = []
    const again: Array<string> = []
    const happen: Record<Event, () => void> = {
      cancel: () => void app.cancel(run.id).then((tag) => told.push(tag), String),
      deadline: () => server.clock.advance(after),
      end: () => release(),
      start: () => void app.start(keyed).then(({ id }) => again.push(id), String)
    }
    for (const event of order) happen[event]()
    const pass = async (milliseconds: number): Promise<void> => {
      await server.settled()
      server.clock.advance(milliseconds)
      await server.settled()
    }
    const outcomes = new Set<string>()
    const look = (): void => {
      for (const { subject, body, sequence } of server.records("memory.r.>")) {
        outcomes.add(`${subject} ${sequence} ${Buffer.from(body).toString()}`)
      }
    }
    for (let rounds = 0; rounds < 12; rounds++) {
      await pass(30_000)
      look()
    }
    release()
    const outcome = await run.status()
    if (outcomes.size !== 1) problems.push(`${outcomes.size} outcomes`)
    if (told[0] !== outcome) problems.push(`cancel was told ${told[0]} of ${outcome}`)
    if (again[0] !== run.id) problems.push(`the second start gave ${again[0]}`)
    const left = (): ReadonlyArray<string> => server.records().map(({ subject }) => subject)
    const kept = left().filter((subject) => !/^memory\.[rk]\./.test(subject))
    // The timer that frees the key is all that waits.
    if (kept.some((subject) => !subject.endsWith(".collect._"))) problems.push(`left: ${kept}`)
    for (let spent = 0; spent < hour + 10 * minute; spent += 2 * minute) await pass(2 * minute)
    if (left().length > 0) problems.push(`an hour later: ${left()}`)
    server.onCall = undefined
    const later = await app.start(keyed)
    if (later.id === run.id) problems.push("the key was not free in its time")
    await app.close()
    return { calls, problems, outcome }
  })

let played = 0
const seen = new Set<string>()

for (const [name, workflow] of Object.entries(forms)) {
  test.each(orders.map((order) => [order.join(", ")]))(
    `${name}: %s`,
    { timeout: 120_000 },
    async (told) => {
      const order = told.split(", ") as ReadonlyArray<Event>
      const plain = await play(workflow, order)
      expect(plain.problems).toEqual([])
      seen.add(plain.outcome)
      const every = process.env["KILL_POINTS"] === "all" ? 1 : 7
      for (let at = 1; at <= Math.min(plain.calls, 120); at += every) {
        for (const as of faults) {
          const { problems, outcome } = await play(workflow, order, { at, as })
          played += 1
          seen.add(outcome)
          expect(problems, `${as} at call ${at}`).toEqual([])
        }
      }
    }
  )
}

test("each of the three wins somewhere", () => {
  expect([...seen].toSorted()).toEqual(["Cancelled", "Succeeded", "TimedOut"])
})

test("200 at once on a real server", { timeout: 60_000 }, async () => {
  const { url } = await serverForTest()
  const connect = () => connectNats({ servers: url, namespace: "moment" })
  const clients: Array<App> = []
  for (let at = 0; at < 2; at++) {
    const app = await clientOver(await connect(), { retention: "8 seconds" })
    onTestFinished(() => app.close())
    clients.push(app)
  }
  const quick = task(
    "moment.quick",
    { input: [Schema.Finite], output: Schema.Finite },
    async (x) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return x
    }
  )
  const soon = Date.now() + 1_500
  const one = (at: number) => {
    const work = at % 2 === 0 ? quick(at) : chain(quick(at), quick())
    return work.with({ key: `key-${at}`, deadline: new Date(soon) })
  }
  const runs = await Promise.all(Array.from({ length: 200 }, (_, at) => clients[0]!.start(one(at))))
  const worker = await workerOver(await connect(), [quick], { concurrency: 2 })
  onTestFinished(() => worker.drain())
  const cancelling = new Promise((resolve) =>
    setTimeout(resolve, Math.max(0, soon - Date.now() - 60))
  )
  await cancelling
  const told = await Promise.all(
    runs.map((run, at) => clients[at % 2]!.cancel(run.id).catch((cause: Error) => cause.message))
  )
  const known = await Promise.all(runs.map((run) => run.outcome()))
  const differ = known.filter(
    ({ _tag }, at) => _tag !== told[at] && !told[at]!.includes("no longer")
  )
  expect(differ).toEqual([])
  const broker = await connect()
  onTestFinished(() => broker.close())
  await expect.poll(() => broker.count("moment.t.*.0.>"), { timeout: 10_000 }).toBe(0)
  // In its time, each key is free for another run.
  await expect
    .poll(async () => (await clients[1]!.start(one(0).with({ deadline: "1 minute" }))).id, {
      timeout: 30_000,
      interval: 500
    })
    .not.toBe(runs[0]!.id)
})

afterAll(() => {
  process.stderr.write(`cancel, deadline and end at one moment: ${played} plays\n`)
})
