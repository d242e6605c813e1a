/** What a worker refuses before it opens anything, and what it leaves for others. */
import * as Schema from "effect/Schema"
import { afterEach, expect, test } from "vitest"
import {
  BrokerError,
  chain,
  ContractError,
  group,
  InvalidInput,
  startWorker,
  task,
  TaskCrashed
} from "arpeggio"
import { clientOver, memoryServer, testApp, workerOver } from "arpeggio/testing"
import { holed } from "../fixtures/holed.ts"

const double = task(
  "refuse.double",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => x * 2
)
const open: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

test("two tasks of one name", async () => {
  const twin = task("refuse.double", { input: [Schema.String], output: Schema.String }, (x) => x)
  const starting = startWorker([double, twin])
  await expect(starting).rejects.toThrow(ContractError)
  await expect(starting).rejects.toThrow(
    "two tasks are named refuse.double: rename one of them, calls could reach either"
  )
})

test.each([
  [double, "tasks are served in lists, modules and records: write [refuse.double]"],
  [
    double(1),
    "what is served is a list of tasks, a module or a record, for example serve([add, mul]), not a workflow: serve the tasks themselves, add rather than add(4, 2)"
  ],
  ["math", 'a record, for example serve([add, mul]), not "math"'],
  [[double(1)], "tasks[0] is not a task but a workflow: serve the tasks themselves"],
  [[double, { double }], "tasks[1] is not a task but { double }: list the tasks"]
])("what is no list of tasks, behind an any: %s", async (tasks, message) => {
  const starting = startWorker(tasks as never)
  await expect(starting).rejects.toThrow(ContractError)
  await expect(starting).rejects.toThrow(message)
})

test("a duration that is none", async () => {
  const starting = startWorker([double], { grace: "soon" as never })
  await expect(starting).rejects.toThrow(
    'grace is a duration, for example "30 seconds", not "soon"'
  )
})

test("a task without a handler, behind an any", async () => {
  const bare = task("refuse.bare", { input: [Schema.Finite], output: Schema.Finite })
  // oxlint-disable-next-line typescript/no-explicit-any -- the compiler refuses it, so the check at run time is reached this way
  const starting = startWorker([bare] as any)
  await expect(starting).rejects.toThrow("refuse.bare has no handler: bind one with implement(…)")
})

test("a concurrency that is none", async () => {
  await expect(startWorker([double], { concurrency: 0 })).rejects.toThrow(
    "concurrency is a whole number from 1 to 10000, not 0"
  )
})

test("an argument that does not fit, behind an any, is refused before anything is sent", async () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  const call = (): unknown => double("two" as any)
  expect(call).toThrow(InvalidInput)
  expect(call).toThrow(/refuse\.double: input\[0\] should be .*, but is "two"/)
})

test("a handler that returns the wrong type crashes its step with the place in the value", async () => {
  const pair = task(
    "refuse.pair",
    { input: [Schema.Finite], output: Schema.Struct({ left: Schema.Finite }) },
    // oxlint-disable-next-line typescript/no-explicit-any -- see above
    (): any => ({ left: "many" })
  )
  await using app = await testApp([pair])
  const error = await app.run(pair(1)).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TaskCrashed)
  expect((error as TaskCrashed).thrown.name).toBe("InvalidOutput")
  expect((error as TaskCrashed).message).toMatch(
    /refuse\.pair returned output\.left = "many", but its contract's output expects/
  )
})

test.each([
  [
    "key",
    /refuse\.changed returned output\.list\[0\] = .* expects an object without a key called __proto__/
  ],
  ["hole", /refuse\.changed returned output\.list\[1\] = undefined, but .* expects JSON value/],
  [
    "undefined",
    /refuse\.changed returned output\.perhaps = an array of 2, but .* a list without holes/
  ],
  [
    "error",
    /refuse\.changed declares Odd, and this is one, but counts should be an object without a key called __proto__/
  ]
])("a handler gives what would arrive as something else: %s", async (how, words) => {
  class Odd extends Schema.TaggedError<Odd>()("Odd", {
    counts: Schema.Record(Schema.String, Schema.Finite)
  }) {}
  const changed = task(
    "refuse.changed",
    {
      input: [Schema.String],
      output: Schema.Struct({
        list: Schema.Array(Schema.Json),
        perhaps: Schema.Array(Schema.UndefinedOr(Schema.Finite))
      }),
      errors: [Odd]
    },
    (how) => {
      const proto = JSON.parse('{"__proto__":1}')
      if (how === "error") throw new Odd({ counts: proto })
      const list = how === "hole" ? holed({ 0: 1, length: 2 }) : how === "key" ? [proto] : []
      return { list, perhaps: how === "undefined" ? holed<number>({ length: 2 }) : [undefined, 1] }
    }
  )
  await using app = await testApp([changed])
  expect(await app.run(changed("sound"))).toStrictEqual({ list: [], perhaps: [undefined, 1] })
  const error = await app.run(changed(how)).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TaskCrashed)
  expect((error as TaskCrashed).thrown.name).toBe(how === "error" ? "Odd" : "InvalidOutput")
  expect((error as TaskCrashed).message).toMatch(words)
})

test("a task this worker does not serve is left for one that does, and nothing is lost", async () => {
  const server = memoryServer()
  const lines: Array<string> = []
  let told: () => void = () => {}
  const said = new Promise<void>((resolve) => (told = resolve))
  const other = task(
    "refuse.other",
    { input: [Schema.Finite], output: Schema.Finite },
    (x) => x + 1
  )
  const ignorant = await workerOver(server.connect(), [double], {
    print: (line) => {
      lines.push(line)
      if (line.startsWith("refuse.other")) told()
    }
  })
  open.push(() => ignorant.drain())
  const app = await clientOver(server.connect())
  open.push(() => app.close())
  const answer = app.run(group(other(1), double(4)))
  await said
  expect(lines.at(-1)).toContain("refuse.other: this worker does not serve it")
  const knowing = await workerOver(server.connect(), [other])
  open.push(() => knowing.drain())
  expect(await answer).toEqual([2, 8])
}, 40_000)

const blob = task("refuse.blob", { input: [Schema.String], output: Schema.String }, (text) => text)

test("values over the server's limit travel in parts, in both directions", async () => {
  await using app = await testApp([blob], { maxBytes: 64 * 1024 })
  const text = "x".repeat(1_000_000)
  expect((await app.run(blob(text))).length).toBe(text.length)
  expect((await app.run(group(blob(text), blob("y"))))[0].length).toBe(text.length)
})

test("a value over every limit is refused before sending, and as an outcome when a handler returns it", async () => {
  const text = "x".repeat(64 * 1024 * 1024 + 1)
  const grow = task("refuse.grow", { input: [Schema.Finite], output: Schema.String }, () => text)
  await using app = await testApp([blob, grow])
  const sending = app.run(blob(text))
  await expect(sending).rejects.toThrow(BrokerError)
  await expect(sending).rejects.toThrow("the largest that can be moved has 67108864")
  const growing = await app.run(grow(1)).catch((cause: unknown) => cause)
  expect(growing).toBeInstanceOf(TaskCrashed)
  expect((growing as TaskCrashed).thrown.name).toBe("ValueTooLarge")
})

test("what is too deep only together with what it travels in is told with the task that was given it", async () => {
  const nested = (levels: number): Schema.Json => (levels === 0 ? 1 : [nested(levels - 1)])
  const give = task("refuse.give", { input: [Schema.Finite], output: Schema.Json }, nested)
  const take = task("refuse.take", { input: [Schema.Json], output: Schema.Void }, () => {})
  await using app = await testApp([give, take])
  await app.run(chain(give(199), take()))
  for (const workflow of [chain(give(200), take()), chain(group(give(199)), take())]) {
    const error = await app.run(workflow as never).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TaskCrashed)
    expect((error as TaskCrashed).thrown.name).toBe("InvalidInput")
    expect((error as TaskCrashed).message).toContain(
      "refuse.take was sent arguments that are beyond what may travel (at most 200 levels deep, the list of all arguments included). Let the step before give less"
    )
  }
})
