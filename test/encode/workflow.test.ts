import * as Schema from "effect/Schema"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { always, ifFailed } from "../../src/compose/cleanup.ts"
import { recover, withInput } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import { CompositionError, InvalidInput } from "../../src/define/errors.ts"
import { task } from "../../src/define/task.ts"
import { isWorkflow, type Workflow } from "../../src/define/workflow.ts"
import { pass } from "../../src/compose/pass.ts"
import { decodeWorkflow, encodeWorkflow } from "../../src/encode/workflow.ts"
import { open } from "../../src/define/open.ts"
import { add, fail, greet, mul, User, when } from "../define/tasks.ts"

const json = task("json", { input: [Schema.Json], output: Schema.Json })
const tasks = [add, fail, greet, mul, when]
/** Any composition at all: what the compiler would refuse is encoded just the same. */
type Loose = Workflow<never, unknown, unknown>
const loose = {
  chain: chain as unknown as (...steps: ReadonlyArray<Loose>) => Loose,
  group: group as (members: unknown) => Loose,
  map: map as (body: Loose, options: object) => Loose,
  ignoreInput: ignoreInput as (of: Loose) => Loose,
  settle: settle as (of: Loose) => Loose,
  always: always as (of: Loose, cleanup: unknown) => Loose,
  ifFailed: ifFailed as (of: Loose, cleanup: unknown) => Loose,
  recover: recover as (of: Loose, fallbacks: object) => Loose
}

const number = fc.double({ noNaN: true, noDefaultInfinity: true })
const calls: fc.Arbitrary<Loose> = fc.oneof(
  fc.tuple(number, number).map(([x, y]) => add(x, y)),
  number.map((x) => mul(x).with({ queue: "q-1", timeout: "3 seconds", headers: { h: "v" } })),
  number.map((x) => when(x)),
  fc.tuple(number, fc.nat(), fc.date({ noInvalidDate: true })).map(([x, wait, at]) =>
    mul(x)
      .with({ delay: { milliseconds: wait }, expires: { milliseconds: wait + 1 } })
      .with({ expires: at })
  ),
  fc.date({ noInvalidDate: true }).map((eta) => mul(1).with({ eta, expires: "1 hour" })),

  fc.date({ noInvalidDate: true }).map((at) => when.partial(at, open)),
  number.map((x) => add.partial(x, open).with({ queue: "q-1" })),
  fc.tuple(fc.date({ noInvalidDate: true }), number).map(([at, x]) => when(at, x)),
  fc
    .tuple(fc.string(), fc.date({ noInvalidDate: true }))
    .map(([name, born]) => greet(new User({ name, born, nickname: undefined })))
)
const { workflow } = fc.letrec<{ workflow: Loose }>((tie) => {
  const any = tie("workflow")
  const key = fc.string().filter((text) => text !== "__proto__")
  return {
    workflow: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      calls,
      fc.array(any, { minLength: 1, maxLength: 4 }).map((steps) => loose.chain(...steps)),
      fc.array(any, { maxLength: 4 }).map(loose.group),
      fc.dictionary(key, any, { maxKeys: 3 }).map(loose.group),
      fc
        .tuple(any, fc.integer({ min: 1, max: 9 }))
        .map(([body, concurrency]) => loose.map(body, concurrency > 5 ? {} : { concurrency })),
      any.map(loose.ignoreInput),
      any.map(loose.settle),
      fc.tuple(any, any).map(([of, cleanup]) => loose.always(of, cleanup)),
      fc
        .tuple(any, any)
        .map(([of, cleanup]) => loose.ifFailed(of, withInput(cleanup as never) as never)),
      fc
        .tuple(any, fc.dictionary(key, any, { minKeys: 1, maxKeys: 2 }))
        .map(([of, fallbacks]) => loose.recover(of, fallbacks))
    )
  }
})

describe("a workflow as text", () => {
  it("survives there and back unchanged", () => {
    fc.assert(
      fc.property(workflow, (workflow) => {
        const text = encodeWorkflow(workflow)
        const back = decodeWorkflow(text, tasks)
        expect(isWorkflow(back)).toBe(true)
        expect(encodeWorkflow(back)).toBe(text)
        const plain: unknown = JSON.parse(JSON.stringify(workflow["~arpeggio"].plan))
        expect(JSON.parse(JSON.stringify(back["~arpeggio"].plan))).toEqual(plain)
        expect(new Set(back["~arpeggio"].tasks.keys())).toEqual(namesIn(plain))
      }),
      { numRuns: 200 }
    )
  })

  it("survives when it is deep", () => {
    let deep: Loose = add(1, 2)
    for (let level = 0; level < 500; level++) deep = loose.chain(loose.settle(deep))
    const text = encodeWorkflow(deep)
    expect(encodeWorkflow(decodeWorkflow(text, tasks))).toBe(text)
  })

  it("keeps a -0, and half a character", () => {
    for (const value of [-0, [0, { a: -0 }], { "\ud800": "\udc00" }]) {
      const text = encodeWorkflow(loose.chain(json(value) as Loose, add(-0, 0) as Loose))
      const back = decodeWorkflow(text, [...tasks, json])
      expect(encodeWorkflow(back)).toBe(text)
      expect(back["~arpeggio"].plan).toStrictEqual(JSON.parse(text).plan)
      expect(JSON.parse(text).plan.steps[0].args).toStrictEqual([value])
      expect(JSON.parse(text).plan.steps[1].args).toStrictEqual([-0, 0])
    }
  })

  it("passes on what it is given the schema of, and nothing else", () => {
    const order = Schema.Struct({ id: Schema.String })
    const text = encodeWorkflow(loose.group({ order: pass(order), sum: add(1, 2) }))
    expect(encodeWorkflow(decodeWorkflow(text, [...tasks, pass(order)]))).toBe(text)
    expect(text).not.toContain("codec")
    expect(() => decodeWorkflow(text, [...tasks, pass(Schema.String)])).toThrow(
      /it passes something on whose schema \(.{12}\) is not among those given: add pass\(…\)/
    )
  })

  it("keeps what a call can do", () => {
    const back = decodeWorkflow<void, number, never>(encodeWorkflow(add(1, 2)), tasks)
    expect(back.with({ queue: "slow" } as never)["~arpeggio"].plan).toMatchObject({ queue: "slow" })
  })
})

describe("a text that is none", () => {
  const call = add(1, 2)["~arpeggio"].plan
  const of = (plan: unknown, version = 1): string => JSON.stringify({ version, plan })

  it.each([
    ["nonsense", /it is not JSON/],
    ["null", /its version is undefined/],
    [of(call, 2), /its version is 2; this release reads version 1/],
    [of({ ...call, task: "gone" }), /names the task gone, which is not among those given/],
    [of({ ...call, args: [1] }), /math\.add has 1 arguments/],
    [of({ ...call, queue: "a b" }), /queue's name/],
    [of({ kind: "chain", steps: [] }), /no steps/],
    [of({ kind: "group", members: [call], keys: [] }), /keys do not fit/],
    [
      of({ kind: "group", members: [call], keys: ["__proto__"] }),
      /member cannot be called __proto__/
    ],
    [of({ kind: "map", body: call, concurrency: 0 }), /concurrency is 0/],
    [of({ kind: "group", members: [call], wait: 1 }), /what a node waits for is 1/],
    [
      of({ kind: "map", body: call, wait: "first" }),
      /a map that waits for "first" comes from a newer release/
    ],
    [of({ ...call, args: [1], partial: true, open: 2 }), /leaves argument 2 open/],
    [of({ ...call, open: 1 }), /leaves argument 1 open/],
    [of({ ...call, args: [1], partial: true, open: 0 }), /a call whose open argument is 0 comes/],
    [of({ kind: "recover", of: call }), /no fallbacks/],
    [of({ kind: "cleanup", of: call, cleanup: call, on: 5 }), /a cleanup is on 5/],
    [
      of({ kind: "cleanup", of: call, cleanup: call, on: "cancel" }),
      /a cleanup on "cancel" comes from a newer release/
    ],
    [
      of({ kind: "recover", of: call, fallbacks: { A: call }, inputs: ["B"] }),
      /a recover names a fallback for B, which it has not/
    ],
    [
      of({ kind: "recover", of: call, fallbacks: { A: call }, undeclared: ["A"] }),
      /a recover with a fallback for "A" comes from a newer release/
    ],
    [of({ kind: "delay" }), /unknown kind "delay"/],
    [of(5), /a node is 5/]
  ])("is refused: %s", (text, message) => {
    expect(() => decodeWorkflow(text, tasks)).toThrow(CompositionError)
    expect(() => decodeWorkflow(text, tasks)).toThrow(message)
  })

  it("is refused when an argument would arrive as something else", () => {
    const text = of(json({ a: 1 })["~arpeggio"].plan).replace('"a":1', '"__proto__":1')
    expect(() => decodeWorkflow(text, [json])).toThrow(InvalidInput)
    expect(() => decodeWorkflow(text, [json])).toThrow(/input\[0\] should be .* __proto__/)
  })

  it("is asked of workflows only", () => {
    expect(() => encodeWorkflow(5 as never)).toThrow(
      "the first argument of encodeWorkflow is not a workflow but 5"
    )
    expect(() => encodeWorkflow(add as never)).toThrow("is a task, not a call")
  })

  it("is refused when an argument is nested too deeply", () => {
    const text = of(json([5])["~arpeggio"].plan).replace("5", "[".repeat(300) + "]".repeat(300))
    expect(() => decodeWorkflow(text, [json])).toThrow(InvalidInput)
  })

  it("is refused when today's contract cannot read its arguments", () => {
    const text = of({ ...call, args: [1, "x"] })
    expect(() => decodeWorkflow(text, tasks)).toThrow(InvalidInput)
    expect(() => decodeWorkflow(text, tasks)).toThrow(/input\[1\]/)
  })
})

const namesIn = (plan: unknown): Set<string> =>
  new Set(
    [...JSON.stringify(plan).matchAll(/"kind":"call","task":"([^"]+)"/g)].map(([, name]) => name!)
  )
