/** Delays, sleeps and expiry on a real server that is killed half-way, with workers that come and go: nothing early, lost or doubled. */
import { setTimeout as wait } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { chain, group, settle, sleep, task } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer, type NatsServer } from "../nats-server.ts"

const { Finite } = Schema
const many = 400
const longest = 4_000

let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server.stop())

test("each begins once, and never before its time", { timeout: 120_000 }, async () => {
  const namespace = "times-live"
  const connect = async () => connectNats({ servers: server.url, namespace })
  const broker = await connect()
  const began = new Map<number, Array<number>>()
  const begin = task("live.begin", { input: [Finite, Finite], output: Finite }, (due, number) => {
    const at = broker.now()
    began.set(number, [...(began.get(number) ?? []), at - due])
    return due
  })
  const moment = task(
    "live.moment",
    { input: [Finite], output: Finite },
    (length) => broker.now() + length
  )
  const app = await clientOver(broker)
  onTestFinished(() => app.close())
  const worker = await workerOver(await connect(), [begin, moment], { concurrency: 50 })
  const numbers = Array.from({ length: many }, (_, number) => number)
  const runs = await Promise.all(
    numbers.map((number) => {
      const length = (number * 7919) % longest
      const delay = { milliseconds: length }
      if (number % 4 === 0) {
        const eta = new Date(broker.now() + length)
        return app.start(begin(eta.getTime(), number).with({ eta, expires: "1 minute" }))
      }
      if (number % 4 === 1) {
        return app.start(chain(moment(length), begin(number).with({ delay })))
      }
      if (number % 4 === 2) return app.start(chain(moment(length), sleep(delay), begin(number)))
      const late = begin(0, number).with({ delay, expires: new Date(broker.now() + length + 1) })
      return app.start(
        group(settle(late.with({ queue: "nobody" })), chain(sleep(delay), moment(0))) as never
      )
    })
  )
  await wait(longest / 2)
  server.kill()
  await server.restart()
  const second = await workerOver(await connect(), [begin, moment], { concurrency: 50 })
  onTestFinished(() => second.drain())
  await worker.drain()
  const outcomes = await Promise.all(runs.map((run) => run.outcome({ within: "60 seconds" })))
  for (const [number, outcome] of outcomes.entries()) {
    expect(outcome._tag, `${number} ${JSON.stringify(outcome)}`).toBe("Succeeded")
    if (number % 4 !== 3) continue
    expect(outcome).toMatchObject({ value: [{ _tag: "Expired" }, expect.any(Number)] })
    expect(began.get(number)).toBeUndefined()
  }
  const lateness = numbers.flatMap((number) => began.get(number) ?? [])
  expect(began.size).toBe((many * 3) / 4)
  // A broker that was killed may hand out again what was in hand.
  expect(lateness.length).toBeLessThan((many * 3) / 4 + 60)
  // Two processes' clocks agree to a few milliseconds.
  expect(Math.min(...lateness)).toBeGreaterThan(-10)
  lateness.sort((left, right) => left - right)
  process.stderr.write(
    `times: ${lateness.length} beginnings of ${began.size}; late p50 ${Math.round(lateness[Math.floor(lateness.length / 2)]!)} ms, p99 ${Math.round(lateness[Math.floor(lateness.length * 0.99)]!)} ms\n`
  )
})
