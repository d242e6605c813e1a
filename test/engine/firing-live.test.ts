/**
 * Hundreds of runs on a real server whose ends, retries, first steps and dead letters come right as their timers fire:
 * all end as they should, none is taken to stand still, and nothing is left behind.
 */
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { settle } from "../../src/compose/settle.ts"
import { task } from "../../src/define/task.ts"
import type { App } from "../../src/client/app.ts"
import { intervals } from "../../src/engine/run/run-timers.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { canvasTasks, Expected, identity, same } from "../fixtures/tasks.ts"
import { late } from "../dead/tasks.ts"
import { startNatsServer, type NatsServer } from "../nats-server.ts"

const many = 300
const numbers = Array.from({ length: many }, (_, number) => number)

/** So that timers are due while the test runs. */
const short = { collect: 1_000, repair: 1_000, clear: 250 }
const usual = { ...intervals }

let server: NatsServer
beforeAll(async () => {
  Object.assign(intervals, short)
  server = await startNatsServer()
})
afterAll(async () => {
  Object.assign(intervals, usual)
  await server.stop()
})

/** Takes until its run's first timer is about to fire, a little before or after. */
const until = task(
  "firing.until",
  { input: [Schema.Finite], output: Schema.Finite, errors: [Expected] },
  async (number) => {
    await sleep(short.repair - 50 + (number % 20) * 20)
    return number
  }
)

const failing = task(
  "firing.failing",
  { input: [Schema.Finite], output: Schema.Finite, errors: [Expected] },
  async (number) => {
    await sleep(short.repair - 50 + (number % 20) * 20)
    throw new Expected({ reason: "as asked", at: number })
  }
)

const tried = new Map<number, number>()

/** Fails twice; each attempt ends about when a timer of the run fires. */
const again = task(
  "firing.again",
  {
    input: [Schema.Finite],
    output: Schema.Finite,
    retry: { times: 3, initial: "1 second", backoff: "constant", jitter: 0 }
  },
  async (number) => {
    const attempt = (tried.get(number) ?? 0) + 1
    tried.set(number, attempt)
    await sleep((number % 20) * 25)
    if (attempt < 3) throw new Error("as asked")
    return number
  }
)

const tasks = [...canvasTasks, until, failing, again] as const

interface Stage {
  readonly app: App
  readonly broker: Broker
  readonly said: ReadonlyArray<string>
  readonly lost: { readonly count: number }
  readonly work: (served: ReadonlyArray<unknown>, queues?: ReadonlyArray<string>) => Promise<Ended>
}

type Ended = { readonly drain: () => Promise<unknown> }

/** When the timer of each run's end was stored, and how many fired with the run's start after that: the others were lost. */
const watched = (lost: { count: number }): ((broker: Broker) => Broker) => {
  const ends = new Map<string, number>()
  return (broker) => ({
    ...broker,
    publish: async (publication) => {
      const published = await broker.publish(publication)
      const { subject, fire, unless } = publication
      if (fire !== undefined && unless === undefined && subject.endsWith(".collect._")) {
        ends.set(fire.target, broker.now())
      }
      return published
    },
    consume: (lane, deliver, spare) =>
      broker.consume(
        lane,
        (delivery) => {
          const ended = ends.get(delivery.subject)
          const withStart = Buffer.from(delivery.body).includes('"start":')
          if (withStart && ended !== undefined && ended < delivery.at) lost.count += 1
          deliver(delivery)
        },
        spare
      )
  })
}

let stages = 0

const stage = async (): Promise<Stage> => {
  const namespace = `firing${++stages}`
  const open = (): Promise<Broker> => connectNats({ servers: server.url, namespace })
  const said: Array<string> = []
  const lost = { count: 0 }
  const watch = watched(lost)
  const broker = await open()
  const app = await clientOver(broker, { retention: "10 minutes" })
  onTestFinished(() => app.close())
  const work: Stage["work"] = async (served, queues = ["default"]) => {
    const worker = await workerOver(
      watch(await open()),
      served as never,
      {
        concurrency: many * 2,
        patience: "1 second",
        queues,
        grace: "100 millis",
        print: (line: string) => void said.push(line)
      } as never
    )
    onTestFinished(() => worker.drain())
    return worker
  }
  return { app, broker, said, lost, work }
}

/**
 * Thousands of other timers that are due from then on: the server takes hold of those of the runs together with them, and
 * stores what they fire behind what the others fire. Without them the moment in which one can be replaced is hardly ever met.
 */
const crowd = async ({ broker }: Stage, time: number): Promise<void> => {
  const { namespace } = broker.facts
  const body = Buffer.from("crowd")
  const set = async (number: number): Promise<void> => {
    const run = `crowd.i1.run${String(number).padStart(7, "0")}.1._`
    const fire = { time: time + (number % 4) * 260, target: `${namespace}.t.crowd.0.x.${run}` }
    await broker.publish({ subject: `${namespace}.s._._._.${run}`, body, fire })
  }
  await Promise.all(Array.from({ length: 6_000 }, (_, number) => set(number)))
}

/** Everything but outcomes is gone, within a minute. */
const nothingIsLeft = async ({ broker, said, lost }: Stage): Promise<void> => {
  const { namespace } = broker.facts
  await expect.poll(() => broker.count(`${namespace}.s._._._.crowd.>`)).toBe(0)
  await broker.purge(`${namespace}.t.crowd.>`)
  for (const kind of ["t", "s", "i", "a", "g", "v", "dl", "k"]) {
    const count = (): Promise<number> => broker.count(`${namespace}.${kind}.>`)
    await expect.poll(count, { timeout: 60_000, message: `of kind ${kind}` }).toBe(0)
  }
  expect(said.filter((line) => line.includes("stood still"))).toEqual([])
  process.stderr.write(`timers of ends that were lost as another fired: ${lost.count}\n`)
}

test("runs end as their timers fire", async () => {
  const here = await stage()
  await here.work(tasks)
  await here.work(tasks)
  await crowd(here, Date.now() + short.repair + 500)
  const good = await Promise.all(numbers.map((n) => here.app.start(chain(until(n), same()))))
  const bad = await Promise.all(
    numbers.map((n) => here.app.start(group(failing(n), identity(n)) as never))
  )
  const outcomes = await Promise.all(good.map((run) => run.outcome()))
  expect(outcomes.filter(({ _tag }) => _tag === "Succeeded")).toHaveLength(many)
  const failed = await Promise.all(bad.map((run) => run.outcome()))
  expect(failed.filter(({ _tag }) => _tag === "Failed")).toHaveLength(many)
  await nothingIsLeft(here)
}, 180_000)

test("attempts end as timers of their run fire", async () => {
  const here = await stage()
  await here.work(tasks)
  await here.work(tasks)
  await crowd(here, Date.now() + short.repair + 500)
  const runs = await Promise.all(numbers.map((n) => here.app.start(chain(again(n), same()))))
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual(numbers)
  await nothingIsLeft(here)
}, 180_000)

test("the first step begins as the timer fires of what was stored ahead", async () => {
  const here = await stage()
  const ignorant = await here.work(canvasTasks)
  const some = numbers.slice(0, many / 3)
  const large = "x".repeat(140_000)
  const first = same(large).with({ queue: "slow" })
  const runs = await Promise.all(
    some.map((n) => here.app.start(chain(first, group(settle(late()), ignoreInput(identity(n))))))
  )
  await crowd(here, Date.now() + short.collect * 2 - 300)
  // Two of its rounds: the workers take what waits in the midst of the second.
  await sleep(short.collect * 2 - 300)
  const slow = await here.work(canvasTasks, ["slow"])
  await Promise.all(runs.map((run) => run.outcome()))
  await ignorant.drain()
  await slow.drain()
  await here.work([...canvasTasks, late])
  await here.work([...canvasTasks, late], ["slow"])
  const { letters } = await here.app.deadLetters.list({ limit: 1_000 })
  expect(letters).toHaveLength(some.length)
  const redriven = await Promise.all(letters.map(({ id }) => here.app.deadLetters.redrive(id)))
  expect(new Set(redriven.map(({ id }) => id)).size).toBe(some.length)
  for (const { id } of redriven) {
    await here.app.attach(id, chain(same(1), same()) as never).outcome()
  }
  await nothingIsLeft(here)
}, 180_000)

test("dead letters are dropped as a timer fires that was set for others of their run", async () => {
  const here = await stage()
  await here.work(canvasTasks)
  const runs = await Promise.all(
    numbers.map(() => here.app.start(group(settle(late(1)), settle(late(2))) as never))
  )
  await Promise.all(runs.map((run) => run.outcome()))
  const { letters } = await here.app.deadLetters.list({ limit: 1_000 })
  expect(letters).toHaveLength(2 * many)
  const firsts = new Map(letters.map((letter) => [letter.run, letter.id]))
  const seconds = letters.map(({ id }) => id).filter((id) => ![...firsts.values()].includes(id))
  await crowd(here, Date.now() + short.collect + 300)
  await Promise.all([...firsts.values()].map((id) => here.app.deadLetters.drop(id)))
  await sleep(short.collect - 100)
  await Promise.all(
    seconds.map(async (id, place) => {
      await sleep((place % 30) * 15)
      await here.app.deadLetters.drop(id)
    })
  )
  await nothingIsLeft(here)
}, 180_000)
