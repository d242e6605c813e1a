import { describe, expect, it } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { map } from "../../src/compose/map.ts"
import { recover } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { codecOf } from "../../src/define/codec.ts"
import { InvalidInput } from "../../src/define/errors.ts"
import { Misfit } from "../../src/define/schema-mismatch.ts"
import { task } from "../../src/define/task.ts"
import { errorReader } from "../../src/plan/outcome.ts"
import { encodeInput, outcomeCodecOf, outputCodecOf } from "../../src/plan/values.ts"
import { Outcome } from "../../src/define/outcome.ts"
import * as Schema from "effect/Schema"
import { add, Expected, explain, fail, Late, when } from "../define/tasks.ts"

const at = (ms: number): string => new Date(ms).toISOString()
const date = when(new Date(0), 1)
const failure = { run: "r", step: "s", task: "fail", attempt: 2 }

describe("what a workflow gives is read by the codecs of its plan", () => {
  it.each([
    [date, at(1), new Date(1)],
    [chain(add(1, 2), ignoreInput(date)), at(1), new Date(1)],
    [group(date, add(1, 2)), [at(1), 3], [new Date(1), 3]],
    [
      group({ d: date, n: group(date) }),
      { d: at(1), n: [at(2)] },
      { d: new Date(1), n: [new Date(2)] }
    ],
    [map(when(5)), [at(1), at(2)], [new Date(1), new Date(2)]],
    [group(), [], []],
    [settle(date), { _tag: "Succeeded", value: at(1) }, { _tag: "Succeeded", value: new Date(1) }]
  ])("case %#", (workflow, json, value) => {
    expect(outputCodecOf(workflow).decode(json)).toStrictEqual(value)
  })

  it.each([
    [recover(fail(1), { Expected: explain() }), 5, {}, 5],
    [recover(fail(1), { Expected: explain() }), at(1), { 0: "Expected" }, new Date(1)],
    [
      group(
        recover(fail(1), { Expected: explain() }),
        recover(date, { Expected: fail(1) } as never)
      ),
      [at(1), 5],
      { 1: "Expected", 4: "Expected" },
      [new Date(1), 5]
    ],
    [
      map(group(recover(fail(), { Expected: explain() }))),
      [[5], [at(1)]],
      { 0: { 1: { 1: "Expected" } } },
      [[5], [new Date(1)]]
    ],
    [
      recover(recover(fail(1), { Expected: fail(2) }), { Expected: explain() }),
      at(1),
      { 0: "Expected" },
      new Date(1)
    ],
    [
      settle(recover(fail(1), { Expected: explain() })),
      { _tag: "Succeeded", value: at(1) },
      { 1: "Expected" },
      { _tag: "Succeeded", value: new Date(1) }
    ]
  ])("by the branch that it came from: case %#", (workflow, json, branches, value) => {
    expect(outputCodecOf(workflow).decode(json, branches as never)).toStrictEqual(value)
  })

  it("and by no branch that there is not", () => {
    const { decode } = outputCodecOf(recover(fail(1), { Expected: explain() }))
    expect(() => decode(5, { 0: "Late" })).toThrow(/its fallback for Late gave/)
    expect(() => decode(at(1))).toThrow(Misfit)
  })

  it("says where it does not fit", () => {
    const read = (): unknown => outputCodecOf(group({ d: map(when(5)) })).decode({ d: [at(1), 5] })
    expect(read).toThrow(Misfit)
    expect(read).toThrow(/^\.d\[1\] should be/)
    expect(() => outputCodecOf(group(date, date)).decode([at(1)])).toThrow(/2 results/)
  })
})

describe("an outcome", () => {
  it("is read with the error as an instance of its class", () => {
    const json = { _tag: "Failed", error: { _tag: "Late", at: at(3) }, failure }
    for (const read of [outputCodecOf(settle(fail(1))).decode, outcomeCodecOf(fail(1)).decode]) {
      const outcome = read(json) as { readonly error: Late }
      expect(outcome).toMatchObject({ _tag: "Failed", failure })
      expect(outcome.error).toBeInstanceOf(Late)
      expect(outcome.error.at).toEqual(new Date(3))
    }
  })

  it("that is not about a value passes as it is", () => {
    for (const json of [
      { _tag: "Crashed", message: "m", name: "Error", failure },
      { _tag: "Cancelled", reason: "because" },
      { _tag: "TimedOut", after: 5, failure },
      { _tag: "Expired" }
    ]) {
      expect(outcomeCodecOf(fail(1)).decode(json)).toEqual(json)
    }
    expect(() => outcomeCodecOf(fail(1)).decode({ _tag: "Gone" })).toThrow(Misfit)
  })

  it("can be the input of a task, from the same JSON", () => {
    const schema = Outcome.schema(Schema.Date, [Expected, Late])
    const review = task("review", { input: [schema], output: Schema.String })
    const codec = review["~arpeggio"].inputCodecs[0]!
    for (const json of [
      { _tag: "Succeeded", value: at(1) },
      { _tag: "Failed", error: { _tag: "Late", at: at(3) }, failure },
      { _tag: "Failed", error: { _tag: "Expected", x: 1 } },
      { _tag: "Crashed", message: "m", name: "Error", failure },
      { _tag: "Cancelled", reason: "because" },
      { _tag: "TimedOut", after: 5, failure },
      { _tag: "Expired" }
    ]) {
      expect(codec.encode(codec.decode(json))).toEqual(json)
    }
    const failed = codec.decode({ _tag: "Failed", error: { _tag: "Late", at: at(3) } })
    expect((failed as { readonly error: unknown }).error).toBeInstanceOf(Late)
    expect(chain(settle(date), review())["~arpeggio"].plan.kind).toBe("chain")
    expect(codecOf(Outcome.schema(Schema.Void))).not.toBeTypeOf("string")
  })
})

describe("a declared error", () => {
  class Other extends Schema.TaggedError<Other>()("Expected", { text: Schema.String }) {}
  const other = task("other", { input: [], output: Schema.Void, errors: [Other] })
  const decode = errorReader(group(fail(1), other())["~arpeggio"].tasks)

  it("is read by the task that declares it, never by its tag alone", () => {
    expect(decode({ _tag: "Expected", text: "t" }, "other")).toBeInstanceOf(Other)
    expect(decode({ _tag: "Expected", x: 1 }, "fail")).toBeInstanceOf(Expected)
    expect(() => decode({ _tag: "Expected", x: 1 }, "elsewhere")).toThrow(/elsewhere/)
    expect(() => decode({ _tag: "Expected", text: "t" }, undefined)).toThrow(Misfit)
    expect(() => decode({ _tag: "Unheard" }, "fail")).toThrow(Misfit)
  })

  it("in what was settled is read by the task whose place a workflow took", () => {
    const json = { _tag: "Failed", error: { _tag: "Expected", text: "t" }, failure }
    const settled = outputCodecOf(group(settle(group(fail(1), other())))).decode([json], {
      1: "other"
    }) as ReadonlyArray<{ readonly error: unknown }>
    expect(settled[0]!.error).toBeInstanceOf(Other)
    const whole = outcomeCodecOf(group(fail(1), other())).decode(json, undefined, "other")
    expect((whole as { readonly error: unknown }).error).toBeInstanceOf(Other)
  })
})

describe("the input of a workflow", () => {
  const named = task("named", {
    input: [Schema.Struct({ name: Schema.String })],
    output: Schema.Void
  })
  const dated = task("dated", { input: [Schema.Struct({ at: Schema.Date })], output: Schema.Void })

  it("is encoded by whichever calls receive it", () => {
    expect(encodeInput(chain(when(1)), new Date(1))).toBe(at(1))
    expect(encodeInput(map(map(when(1))), [[new Date(1)], []])).toEqual([[at(1)], []])
    expect(encodeInput(settle(recover(fail(), { Late: add(1, 2) })), 4)).toBe(4)
    expect(encodeInput(add(1, 2), undefined)).toBeNull()
    expect(encodeInput(ignoreInput(add(1, 2)), "dropped")).toBeNull()
  })

  it("keeps what any member of a group needs of it", () => {
    const input = { name: "n", at: new Date(1) }
    expect(encodeInput(group(named(), dated()), input)).toEqual({ name: "n", at: at(1) })
  })

  it("keeps what members know of it inside of lists and unions", () => {
    const Named = Schema.Struct({ name: Schema.String })
    const Aged = Schema.Struct({ age: Schema.Finite })
    const narrow = task("narrow", { input: [Schema.Array(Named)], output: Schema.Void })
    const wide = task("wide", {
      input: [Schema.Array(Schema.Union([Named, Aged]))],
      output: Schema.Void
    })
    const both = { name: "n", age: -0, other: 1 }
    expect(encodeInput(group(narrow(), wide()), [both])).toStrictEqual([{ name: "n", age: -0 }])
    expect(encodeInput(group(wide(), narrow()), [both])).toStrictEqual([{ name: "n", age: -0 }])
  })

  it("is refused with its place", () => {
    const wrong = (): unknown => encodeInput(map(when(1)), [new Date(1), "x"] as never)
    expect(wrong).toThrow(InvalidInput)
    expect(wrong).toThrow(/^when: input\[1\] should be/)
    expect(() => encodeInput(map(when(1)), 5 as never)).toThrow(/input should be an array/)
  })
})
