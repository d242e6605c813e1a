/** What a test was not given fails at once, whether it is started or returned; a fake takes a task's place. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, ContractError, group, implement, onSuccess, task, TaskCrashed } from "arpeggio"
import { memoryServer, testApp, workerOver } from "arpeggio/testing"
import * as orders from "../worker/modules/orders.ts"

const io = { input: [Schema.Finite], output: Schema.Finite } as const
const half = task("given.half", io, (x) => x / 2)
const ship = task("given.ship", { ...io, queue: "elsewhere" })
const pack = task("given.pack", io)
const later = task("given.later", io, (x) => ship(x))
const laterInEffect = task(
  "given.effect",
  io,
  (x) => Effect.succeed(group([ship(x), pack(x)])) as never
)

const missing =
  "given.ship was not given to testApp, so nobody would do it: add it, or a fake of it, implement(task, fake)"

test("a task that is not given fails at once, wherever it stands, and nothing is stored", async () => {
  await using app = await testApp([half], { clock: "manual" })
  const error = await app.run(chain(half(2), ship())).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ContractError)
  expect((error as ContractError).message).toBe(missing)
  await expect(app.start(onSuccess(half(1), ship()))).rejects.toThrow(missing)
  await expect(app.run(group(ship(1), pack(2)))).rejects.toThrow(
    "given.ship and given.pack were not given to testApp, so nobody would do them: add them, or fakes of them, implement(task, fake)"
  )
  expect(app.server.records()).toEqual([])
  await expect(app.expectStarted(ship)).rejects.toThrow(missing)
  expect(() => app.started(ship)).toThrow(missing)
})

test("one that a handler returns fails the step, at once", async () => {
  await using app = await testApp([later, laterInEffect], { clock: "manual" })
  const error = await app.run(later(1)).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TaskCrashed)
  expect((error as TaskCrashed).message).toContain(missing)
  await expect(app.run(laterInEffect(1))).rejects.toThrow(
    "given.ship and given.pack were not given"
  )
})

test("where others are connected, they may do it", async () => {
  await using app = await testApp([half, later])
  await using _other = await workerOver(app.server.connect(), [implement(ship, (x) => x + 1)])
  expect(await app.run(chain(half(2), ship()))).toBe(2)
  expect(await app.run(later(2))).toBe(3)
  const server = memoryServer()
  await using _third = await workerOver(server.connect(), [implement(ship, (x) => x + 1)])
  await using shared = await testApp([half], { server })
  expect(await shared.run(ship(2))).toBe(3)
})

test("a fake takes the place of what comes before it, and of its own declaration alone", async () => {
  const fake = implement(orders.price, () => 7)
  await using app = await testApp(orders, [fake])
  expect(await app.run(orders.price(2))).toBe(7)
  const stranger = task("orders.price", io, (x) => x)
  await expect(testApp(orders, [stranger])).rejects.toThrow("two tasks are named orders.price")
})
