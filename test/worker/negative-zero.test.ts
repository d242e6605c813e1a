/** A -0 in a plan or a list survives a worker that has met none before: what it takes apart it writes again as it was. */
import * as Schema from "effect/Schema"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { map } from "../../src/compose/map.ts"
import { onSuccess } from "../../src/compose/hook.ts"
import { task } from "../../src/define/task.ts"
import { clientOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"

const contract = { input: [Schema.String, Schema.Finite], output: Schema.String } as const
const sign = task("zero.sign", contract)

const numbers = { input: [Schema.Finite], output: Schema.String } as const
const signOf = task("zero.signOf", numbers)

const heard: Array<string> = []
let app: Awaited<ReturnType<typeof clientOver>>
let drain: () => Promise<unknown>

beforeEach(async () => {
  const server = memoryServer()
  app = await clientOver(server.connect({ name: "client" }))
  // Modules of its own, as another process has them.
  vi.resetModules()
  const theirs = await import("../../src/testing/index.ts")
  const define = await import("../../src/define/task.ts")
  const text = await import("../../src/define/json-text.ts")
  expect(text.jsonText([-0])).toBe("[0]")
  const served = define.task("zero.sign", contract, (before, x) => {
    heard.push(`${before}${Object.is(x, -0) ? "-" : "+"}`)
    return heard.at(-1)!
  })
  const other = define.task("zero.signOf", numbers, (x) => (Object.is(x, -0) ? "-" : "+"))
  const worker = await theirs.workerOver(server.connect({ name: "worker" }), [served, other])
  drain = () => worker.drain()
})

afterEach(async () => {
  await app.close()
  await drain()
})

test("in a call of its own", async () => {
  expect(await app.run(sign("", -0))).toBe("-")
})

test("in a step that a worker goes on with, and in one it sends", async () => {
  expect(await app.run(chain(sign("", 0), sign(-0), sign(0), sign(-0)))).toBe("+-+-")
  const elsewhere = sign(-0)
  expect(await app.run(group(chain(sign("a", 1), elsewhere), sign("b", -0)))).toEqual(["a+-", "b-"])
})

test("in the body of a map", async () => {
  expect(await app.run(map(chain(sign(-0), sign(0))), ["a", "b"])).toEqual(["a-+", "b-+"])
  expect(await app.run(map(map(sign(-0)), { concurrency: 1 }), [["a"], ["b"]])).toEqual([
    ["a-"],
    ["b-"]
  ])
})

test("in the list of a map", async () => {
  expect(await app.run(map(signOf()), [0, -0])).toEqual(["+", "-"])
})

test("in the list of a map that goes through it one by one", async () => {
  expect(await app.run(map(signOf(), { concurrency: 1 }), [-0, 0, -0])).toEqual(["-", "+", "-"])
})

test("in a list inside a list", async () => {
  expect(await app.run(map(map(signOf())), [[-0], [0]])).toEqual([["-"], ["+"]])
})

test("in a callback", async () => {
  await app.run(onSuccess(sign("", 0), sign(-0)))
  await vi.waitFor(() => expect(heard.at(-1)).toBe("+-"))
})
