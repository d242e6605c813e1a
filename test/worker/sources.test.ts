/** What is served may be lists, modules and records; what else these hold is left alone. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { ContractError, startWorker, task } from "arpeggio"
import { testApp } from "arpeggio/testing"
import * as empty from "./modules/empty.ts"
import * as orders from "./modules/orders.ts"
import * as report from "./modules/report.ts"
import * as shop from "./modules/shop.ts"

const io = { input: [Schema.Finite], output: Schema.Finite } as const
const half = task("sources.half", io, (x) => x / 2)
const third = task("sources.third", io, (x) => x / 3)
const bare = task("sources.bare", io)

test("modules, records and lists, with options behind them", async () => {
  const lines: Array<string> = []
  await using app = await testApp(orders, report, { half }, [half], {
    concurrency: 3,
    print: (line) => lines.push(line)
  })
  expect(await app.run(orders.price(2))).toBe(4)
  expect(await app.run(orders.taxed(2))).toBe(3)
  expect(await app.run(report.sum(2))).toBe(2)
  expect(await app.run(half(2))).toBe(1)
  expect(lines.join("\n")).toMatch(
    /concurrency +3\n +tasks +orders\.price, orders\.taxed, report\.sum, sources\.half/
  )
})

test("a module alone, and one that is bundled, which is an object with getters", async () => {
  const bundled = Object.defineProperty({}, "half", { get: () => half, enumerable: true })
  await using app = await testApp(orders)
  expect(await app.run(orders.price(2))).toBe(4)
  await using other = await testApp(bundled as { readonly half: typeof half })
  expect(await other.run(half(2))).toBe(1)
})

test("what is further inside is served when it is given, too", async () => {
  await using app = await testApp(shop, shop.orders)
  expect(await app.run(orders.price(2))).toBe(4)
  expect(await app.run(shop.ship(2))).toBe(3)
  const all = { half, lists: [half], circle: {} }
  all.circle = all
  await using other = await testApp(all)
  expect(await other.run(half(2))).toBe(1)
})

test.each([
  [
    [empty],
    "argument 1 holds no task with a handler, only helper, retries: give the module that has the handlers, or bind one with implement(…)"
  ],
  [[orders, empty], "argument 2 holds no task with a handler, only helper, retries"],
  [[{ bare, io }], "argument 1 holds no task with a handler (sources.bare has none)"],
  [[orders, { bare }], "argument 2 holds no task with a handler (sources.bare has none)"],
  [[{}], "argument 1 holds no task with a handler (it is empty)"],
  [[orders, half], "tasks are served in lists, modules and records: write [sources.half]"],
  [
    [orders, { concurency: 3 }],
    "a worker: there is no option concurency. The nearest is concurrency"
  ],
  [[orders, "half"], "a worker: options are an object, for example { servers: … }, not a text"],
  [
    [orders, { concurrency: 3 }, [half]],
    "argument 2 holds no task with a handler, only concurrency"
  ],
  [
    [shop],
    "argument 1 holds orders.price inside of orders, and only what a module or record holds itself is served: give orders as an argument of its own"
  ],
  [
    [{ half, deep: { shop: [{ third }] } }],
    "argument 1 holds sources.third inside of deep.shop[0], and"
  ],
  [[{ orders: { half } }], "argument 1 holds sources.half inside of orders, and"],
  [[orders, { more: { half } }], "argument 2 holds sources.half inside of more, and"],
  [[orders, { other: task("orders.price", io, (x) => x) }], "two tasks are named orders.price"]
])("what nothing can be served from, behind an any: %#", async (given, message) => {
  const starting = (startWorker as (...given: ReadonlyArray<unknown>) => Promise<unknown>)(...given)
  await expect(starting).rejects.toThrow(ContractError)
  await expect(starting).rejects.toThrow(message)
})
