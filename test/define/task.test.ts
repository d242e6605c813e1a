import { inspect } from "node:util"
import * as Schema from "effect/Schema"
import { holed } from "../fixtures/holed.ts"
import { describe, expect, it } from "vitest"
import { CompositionError, ContractError, InvalidInput } from "../../src/define/errors.ts"
import { open } from "../../src/define/open.ts"
import { implement, task } from "../../src/define/task.ts"
import { isWorkflow } from "../../src/define/workflow.ts"
import { chain } from "../../src/compose/chain.ts"
import { add, Expected, fail, greet, Late, mul, nothing, User, when } from "./tasks.ts"

const thrown = (work: () => unknown): unknown => {
  try {
    work()
  } catch (cause) {
    return cause
  }
  throw new Error("nothing was thrown")
}

const { Finite } = Schema
const loosely = task as unknown as (name: unknown, contract: object, handler?: unknown) => unknown

describe("a call", () => {
  it("holds plain frozen JSON", () => {
    const call = when(new Date(5), 3)
    expect(call["~arpeggio"].plan).toEqual({
      kind: "call",
      task: "when",
      fingerprint: when["~arpeggio"].fingerprint,
      args: ["1970-01-01T00:00:00.005Z", 3],
      partial: false,
      queue: "default"
    })
    expect(Object.isFrozen(call)).toBe(true)
    expect(Object.isFrozen(call["~arpeggio"].plan)).toBe(true)
    expect(isWorkflow(call)).toBe(true)
    expect("then" in call).toBe(false)
  })

  it("says what it is where somebody takes it for its result", () => {
    expect(inspect(add(1, 2))).toBe("[call of math.add], a workflow that nobody runs here")
    expect(inspect({ sum: chain(add(1, 2)) })).toContain("[workflow chain], a workflow that")
    expect(() => add(add(1, 2) as never, 3)).toThrow("but is a workflow, [call of math.add].")
    expect(() => add(add as never, 3)).toThrow("but is the task math.add.")
  })

  it("is partial by the number of arguments, not by their values", () => {
    const orNothing = task("or-nothing", {
      input: [Finite, Schema.UndefinedOr(Finite)],
      output: Finite
    })
    expect(orNothing(1)["~arpeggio"].plan).toMatchObject({ partial: true, args: [1] })
    expect(orNothing(1, undefined)["~arpeggio"].plan).toMatchObject({
      partial: false,
      args: [1, null]
    })
    expect(fail()["~arpeggio"].plan).toMatchObject({ partial: true, args: [] })
    expect(nothing()["~arpeggio"].plan).toMatchObject({ partial: false, args: [] })
  })

  it("leaves another argument than the first open", () => {
    expect(add.partial(7, open)["~arpeggio"].plan).toMatchObject({
      partial: true,
      open: 1,
      args: [7]
    })
    expect(`${when.partial(new Date(5), open)}`).toBe("[call of when]")
    const slow = add.partial(7, open).with({ queue: "slow" })
    expect(slow["~arpeggio"].plan).toMatchObject({ queue: "slow", open: 1, args: [7] })
    const three = task("three", { input: [Finite, Schema.Date, Finite], output: Finite })
    expect(three.partial(1, open, 3)["~arpeggio"].plan).toMatchObject({ open: 1, args: [1, 3] })
    const late = three.partial(1, new Date(5), open)
    expect(late["~arpeggio"].plan).toMatchObject({
      open: 2,
      args: [1, "1970-01-01T00:00:00.005Z"]
    })
  })

  it.each([
    [
      () => add.partial(open as never, 2 as never),
      /math.add.partial leaves the first argument open, which/
    ],
    [
      () => add.partial(open as never, open as never),
      /leaves several arguments open, and one arrives/
    ],
    [() => add.partial(1, 2 as never), /math.add.partial leaves no argument open: write open/],
    [() => (add.partial as (...input: Array<unknown>) => unknown)(open), /takes 2 arguments, of/],
    [
      () => add.partial("a" as never, open as never),
      /math.add: input\[0\] should be .*, but is "a"/
    ],
    [() => add(1, open as never), /open stands in math.add.partial\(…\) only/],
    [() => mul(open as never), /open stands in math.mul.partial\(…\) only/]
  ])("refuses open arguments that would be misread: %s", (call, message) => {
    const error = thrown(call)
    expect(error).toBeInstanceOf(InvalidInput)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).stack?.split("\n")[1]).toContain("task.test.ts")
  })

  it("copies its arguments", () => {
    const born = new Date(1)
    const call = greet(new User({ name: "Ada", born }))
    born.setTime(0)
    expect(call["~arpeggio"].plan).toMatchObject({
      args: [{ name: "Ada", born: "1970-01-01T00:00:00.001Z" }]
    })
  })

  it("takes overrides, and keeps the call it was made from", () => {
    const call = add(1, 2)
    const slow = call.with({ queue: "slow", timeout: "30 seconds" }).with({ headers: { a: "b" } })
    expect(slow["~arpeggio"].plan).toMatchObject({
      queue: "slow",
      timeout: 30_000,
      headers: { a: "b" },
      args: [1, 2]
    })
    expect(slow.taskName).toBe("math.add")
    expect(call["~arpeggio"].plan).toMatchObject({ queue: "default" })
  })

  it.each([
    [{ queue: "a b" }, /1 to 32 letters/],
    [{ timeout: "soon" }, /"30 seconds", not "soon"/],
    [{ timeout: 0 }, /above zero/],
    [{ headers: { "nats-msg-id": "x" } }, /belong to the broker/],
    [{ headers: { a: 1 } }, /header a is text, not 1/],
    [
      { retries: 3 },
      /there is no option retries: perhaps retry is meant, for example retry: \{ times: 3 \}; there are queue, timeout, retry, headers, delay, eta, expires; key and deadline/
    ],
    [{ queues: "a" }, /there is no option queues: perhaps queue is meant; there are/],
    [{ dealy: "1 second" }, /there is no option dealy: perhaps delay is meant/],
    [{ colour: "a" }, /there is no option colour: there are queue/],
    [{ retry: 3 }, /retry is an object such as \{ times: 3 \}, not 3/]
  ])("refuses the overrides %o", (options, message) => {
    const error = thrown(() => add(1, 2).with(options as never))
    expect(error).toBeInstanceOf(ContractError)
    expect((error as Error).message).toMatch(message)
  })
})

describe("a wrong argument", () => {
  it("says where it is, what was expected and what to do", () => {
    const error = thrown(() => add("x" as never, 2)) as InvalidInput
    expect(error).toBeInstanceOf(InvalidInput)
    expect(error).toMatchObject({
      _tag: "InvalidInput",
      task: "math.add",
      path: "input[0]",
      expected: "number",
      received: '"x"'
    })
    expect(error.message).toBe(
      'math.add: input[0] should be number, but is "x". Nothing was sent: correct the value where math.add(…) is called.'
    )
  })

  it("is numbered by its parameter, also in a partial call", () => {
    expect(thrown(() => add("x" as never))).toMatchObject({ path: "input[1]" })
  })

  it("is reported from the line of the call", () => {
    const { stack } = thrown(() => add("x" as never, 2)) as Error
    expect(stack?.split("\n").find((line) => line.includes(" at "))).toContain("task.test.ts")
  })

  it("counts", () => {
    const count = add as unknown as (...input: ReadonlyArray<number>) => unknown
    expect((thrown(() => count(1, 2, 3)) as Error).message).toBe(
      "math.add takes 2 arguments, or 1 when the step before gives the first, but got 3: 1, 2, 3. Nothing was sent."
    )
    expect((thrown(() => count()) as Error).message).toMatch(/but got 0\./)
    expect(
      (thrown(() => (nothing as (...x: Array<number>) => unknown)(1)) as Error).message
    ).toMatch(/nothing takes no arguments, but got 1/)
  })
})

describe("a contract", () => {
  const io = { input: [Finite], output: Finite }

  it.each([
    ["", io, /needs a name/],
    ["send mail", io, /letters, digits/],
    ["mail.*", io, /letters, digits/],
    ["a..b", io, /no empty part/],
    ["a.".repeat(8) + "a", io, /at most 8 parts/],
    ["x".repeat(65), io, /at most 64 characters/],
    [`${"x".repeat(50)}.${"x".repeat(50)}`, io, /at most 96 characters/],
    [5, io, /a string/],
    ["t", { ...io, input: [Finite, Schema.optionalKey(Finite)] }, /input\[1\] is optional/],
    ["t", { ...io, input: [Schema.Void] }, /input\[0\] is void/],
    ["t", { ...io, input: Finite }, /list of schemas/],
    ["t", { ...io, input: [5] }, /input\[0\] is not a schema/],
    ["t", { ...io, input: holed({ 1: Schema.Finite }) }, /input\[0\] is not a schema/],
    [
      "t",
      { ...io, input: [Finite, Schema.Unknown] },
      /input\[1\] cannot travel: it contains Schema\.Unknown/
    ],
    ["t", { ...io, output: Schema.Any }, /output cannot travel/],
    ["t", { input: [] }, /output is not a schema/],
    ["t", { ...io, errors: [Finite] }, /errors\[0\] has no _tag/],
    ["t", { ...io, errors: [Expected, Expected] }, /same _tag/],
    ["t", { ...io, queue: "a.b" }, /queue's name/],
    ["t", { ...io, timeout: "soon" }, /timeout is a duration/],
    [
      "t",
      { ...io, retries: 3 },
      /a contract has no retries: perhaps retry is meant, for example retry: \{ times: 3 \}; there are input, output/
    ],
    ["t", { ...io, retry: 3 }, /retry is an object such as \{ times: 3 \}, not 3/]
  ])("is refused: %s %o", (name, contract, message) => {
    const error = thrown(() => loosely(name, contract))
    expect(error).toBeInstanceOf(ContractError)
    expect((error as Error).message).toMatch(message)
  })

  it("is data behind one key", () => {
    const slow = task("slow", { ...io, input: [Finite], queue: "slow", timeout: "2 minutes" })
    expect(slow["~arpeggio"]).toMatchObject({
      name: "slow",
      queue: "slow",
      timeout: 120_000,
      arity: 1
    })
    expect(slow.name).toBe("slow")
    expect(`${slow}`).toBe("[task slow]")
    expect(slow()["~arpeggio"].plan).toMatchObject({ queue: "slow" })
    expect(slow()["~arpeggio"].plan).not.toHaveProperty("timeout")
  })

  it("knows its errors from everything else", () => {
    const { errorCodec } = fail["~arpeggio"]
    const error = new Late({ at: new Date(1) })
    expect(errorCodec.declares(error)).toBe(true)
    expect(errorCodec.declares({ _tag: "Late", at: new Date(1) })).toBe(false)
    expect(errorCodec.declares(new Error("x"))).toBe(false)
    const back = errorCodec.decode(JSON.parse(JSON.stringify(errorCodec.encode(error))))
    expect(back).toBeInstanceOf(Late)
    expect(back).toMatchObject({ at: new Date(1) })
  })
})

describe("a handler", () => {
  it("makes a task one that can be served, and leaves the declaration as it was", () => {
    const countdown = task("countdown", { input: [Finite], output: Finite })
    const bound = implement(countdown, (n) => (n === 0 ? 0 : countdown(n - 1)))
    expect(countdown["~arpeggio"].handler).toBeUndefined()
    const handler = bound["~arpeggio"].handler as unknown as (n: number) => unknown
    expect(handler(0)).toBe(0)
    expect(isWorkflow(handler(1))).toBe(true)
    expect(bound["~arpeggio"].fingerprint).toBe(countdown["~arpeggio"].fingerprint)
    expect(chain(countdown(1), bound())["~arpeggio"].tasks.size).toBe(1)
    expect(add["~arpeggio"].handler).toBeTypeOf("function")
    expect(mul["~arpeggio"].handler).toBeUndefined()
  })

  it("is a function", () => {
    expect(thrown(() => loosely("t", { input: [], output: Finite }, 5))).toBeInstanceOf(
      ContractError
    )
  })
})

it("refuses two contracts under one name in a workflow", () => {
  const other = task("math.add", { input: [Schema.Finite], output: Schema.String })
  const error = thrown(() => chain(add(1, 2), other()))
  expect(error).toBeInstanceOf(CompositionError)
  expect((error as Error).message).toMatch(
    /two tasks with different contracts are called math\.add/
  )
})

it("binding a handler leaves the objects of everybody else alone", () => {
  task("freeze.me", { input: [Schema.Finite], output: Schema.Finite }, (x) => x)
  expect(Object.isFrozen(Object.prototype)).toBe(false)
})
