/**
 * Fact: a timer that is replaced while it fires is lost in silence. The server takes hold of the timers that are due, then stores
 * what they fire one by one, and removes with each whatever stands on the timer's subject by then.
 */
import { connect, headers, type NatsConnection } from "@nats-io/transport-node"
import { expect, onTestFinished, test } from "vitest"
import type { Broker } from "../../src/broker/broker.ts"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"

const many = 3_000
const numbers = Array.from({ length: many }, (_, number) => number)

const timerOf = (number: number): string => `shop.s._._._.app.i1.run${number}.collect._`
const callOf = (number: number): string => `shop.t._._._.app.i1.run${number}.collect._`

interface Place {
  readonly broker: Broker
  readonly raw: NatsConnection
  /** Sets a timer; gives its number in the stream, or nothing when its condition did not hold. */
  set(number: number, body: string, time: number, condition?: string): Promise<number | undefined>
  /** What has fired of a timer: bodies, and their numbers in the stream. */
  fired(): Promise<ReadonlyArray<ReadonlyMap<string, number>>>
}

const place = async (): Promise<Place> => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const raw = await connect({ servers: server.url })
  onTestFinished(() => raw.close())
  return {
    broker,
    raw,
    set: async (number, body, time, condition) => {
      const given = headers()
      given.set("Nats-Schedule", `@at ${new Date(time).toISOString()}`)
      given.set("Nats-Schedule-Target", callOf(number))
      if (condition !== undefined) given.set("Nats-Expected-Last-Subject-Sequence", condition)
      const answer = await raw.request(timerOf(number), body, { headers: given, timeout: 20_000 })
      const { seq, error } = answer.json<{ seq: number; error?: object }>()
      return error === undefined ? seq : undefined
    },
    fired: async () => {
      const found = numbers.map(() => new Map<string, number>())
      let from: number | undefined
      do {
        const page = await broker.page("shop.t.>", 1_000, from)
        for (const { subject, body, sequence } of page.records) {
          const number = Number(/run(\d+)/.exec(subject)![1])
          found[number]!.set(Buffer.from(body).toString(), sequence)
        }
        from = page.next
      } while (from !== undefined)
      return found
    }
  }
}

/** Sets all timers for one moment, and does something to each, in another order, while they fire. */
const whileTheyFire = async <A>(
  here: Place,
  work: (number: number) => Promise<A>
): Promise<ReadonlyArray<A>> => {
  const due = Date.now() + 1_000
  await Promise.all(numbers.map((number) => here.set(number, "first", due)))
  const moment = async (wait: number): Promise<void> => {
    await new Promise((go) => setTimeout(go, due + wait - Date.now()))
  }
  return Promise.all(
    numbers.map(async (number) => {
      await moment((((number * 7_919) % many) / many) * 300)
      return work(number)
    })
  )
}

const someoneFired = async (here: Place, amount: number): Promise<void> => {
  await expect.poll(() => here.broker.count("shop.s.>"), { timeout: 20_000 }).toBe(0)
  await expect.poll(() => here.broker.count("shop.t.>"), { timeout: 20_000 }).toBe(amount)
}

const told = (what: string): void => void process.stderr.write(`timers: ${what}\n`)

test("what replaces a timer as it fires may be lost, but what fired then is stored after it", async () => {
  const here = await place()
  let lost = 0
  // In some hundreds of milliseconds of thousands; a machine that is quick enough may need a second try.
  for (let round = 1; round <= 5 && lost === 0; round++) {
    await here.broker.purge("shop.>")
    const set = await whileTheyFire(here, (number) =>
      here.set(number, "second", Date.now() + 2_000)
    )
    await someoneFired(here, many)
    const fired = await here.fired()
    for (const number of numbers) {
      if (fired[number]!.has("second")) continue
      lost += 1
      // Whoever is handed it looks at what is stored after the replacement was set, and can set it again.
      expect(fired[number]!.get("first")).toBeGreaterThan(set[number]!)
    }
    told(`${lost} of ${many} were lost that were set on their subjects as they fired`)
  }
  expect(lost).toBeGreaterThan(0)
}, 120_000)

test("what is set unless a timer stands is never lost", async () => {
  const here = await place()
  const set = await whileTheyFire(here, (number) =>
    here.set(number, "second", Date.now() + 2_000, "0")
  )
  await someoneFired(here, many)
  const fired = await here.fired()
  for (const number of numbers) {
    expect(fired[number]!.has("first")).toBe(true)
    expect(fired[number]!.has("second")).toBe(set[number] !== undefined)
  }
  told(`${set.filter((number) => number === undefined).length} of ${many} were refused, none lost`)
}, 60_000)

test("a timer that is removed as it fires may come nevertheless", async () => {
  const here = await place()
  const removed = await whileTheyFire(here, async (number) => {
    const filter = JSON.stringify({ filter: timerOf(number) })
    const answer = await here.raw.request("$JS.API.STREAM.PURGE.arpeggio-shop", filter)
    return answer.json<{ purged: number }>().purged
  })
  await expect.poll(() => here.broker.count("shop.s.>"), { timeout: 20_000 }).toBe(0)
  const fired = await here.fired()
  const came = numbers.filter((number) => fired[number]!.size > 0)
  for (const number of numbers) {
    if (removed[number] === 0) expect(fired[number]!.size).toBe(1)
  }
  const both = came.filter((number) => removed[number] === 1).length
  told(`${both} of ${many} fired though their removal was answered with 1`)
}, 60_000)

test("whoever is handed what fired sets the timer again, and loses none", async () => {
  const here = await place()
  const again = new Set<number>()
  const second = new Set<number>()
  const consumption = await here.broker.consume({ queue: "_", level: "_" }, (delivery) => {
    const number = Number(/run(\d+)/.exec(delivery.subject)![1])
    if (Buffer.from(delivery.body).toString() === "second") {
      second.add(number)
      return delivery.ack()
    }
    void here.set(number, "second", Date.now() + 300).then((stored) => {
      if (stored !== undefined) again.add(number)
      delivery.ack()
    })
  })
  consumption.pull(2 * many)
  const due = Date.now() + 1_000
  await Promise.all(numbers.map((number) => here.set(number, "first", due)))
  await expect.poll(() => second.size, { timeout: 20_000 }).toBe(many)
  expect(again.size).toBe(many)
  await consumption.stop()
}, 60_000)
