import { describe, expect, it } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import type { PlanNode } from "../../src/plan/table.ts"
import { recover } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import { CompositionError } from "../../src/define/errors.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { add, explain, fail, mul, tsum } from "../define/tasks.ts"
import { holed } from "../fixtures/holed.ts"

const plan = (workflow: AnyWorkflow): PlanNode => workflow["~arpeggio"].plan as PlanNode
const a = add(1, 2)
const m = mul(3)
/** The same without its types, for what the compiler refuses. */
const anyGroup = group as unknown as (...members: ReadonlyArray<unknown>) => AnyWorkflow

describe("the plan", () => {
  it("nests as it was written", () => {
    expect(plan(chain(chain(a), chain(m, m)))).toEqual({
      kind: "chain",
      steps: [
        { kind: "chain", steps: [plan(a)] },
        { kind: "chain", steps: [plan(m), plan(m)] }
      ]
    })
    expect(plan(group(group(a), a))).toEqual({
      kind: "group",
      members: [{ kind: "group", members: [plan(a)] }, plan(a)]
    })
  })

  it("of a group has the shape it was given", () => {
    const members = [plan(a), plan(m)]
    expect(plan(group(chain(a), chain(a)))).toMatchObject({ kind: "group" })
    expect(plan(group([m, m]))).toEqual({ kind: "group", members: [plan(m), plan(m)] })
    expect(plan(group({ x: ignoreInput(a), y: m }))).toEqual({
      kind: "group",
      members: [{ kind: "ignore", of: members[0] }, members[1]],
      keys: ["x", "y"]
    })
    expect(plan(group([m, m], { wait: "all" }))).toEqual({
      kind: "group",
      members: [plan(m), plan(m)],
      wait: "all"
    })
    expect(plan(group({ wait: m }))).toMatchObject({ keys: ["wait"] })
    expect(plan(group(m))).toEqual({ kind: "group", members: [plan(m)] })
    expect(plan(group())).toEqual({ kind: "group", members: [] })
    expect(plan(group([]))).toEqual({ kind: "group", members: [] })
    expect(plan(group({}))).toEqual({ kind: "group", members: [], keys: [] })
  })

  it("of a chord is that of a chain", () => {
    const expected = plan(chain(group(a, a), tsum()))
    expect(plan(chord([a, a], tsum()))).toEqual(expected)
    expect(plan(chord(group(a, a), tsum()))).toEqual(expected)
  })

  it("of the others holds what they wrap", () => {
    expect(plan(map(m))).toEqual({ kind: "map", body: plan(m) })
    expect(plan(map(m, { wait: "all" }))).toEqual({ kind: "map", body: plan(m), wait: "all" })
    expect(plan(map(m, { concurrency: 3 }))).toEqual({ kind: "map", body: plan(m), concurrency: 3 })
    expect(plan(ignoreInput(a))).toEqual({ kind: "ignore", of: plan(a) })
    expect(plan(settle(m))).toEqual({ kind: "settle", of: plan(m) })
    expect(plan(recover(fail(1), { Expected: explain(), Late: a }))).toEqual({
      kind: "recover",
      of: plan(fail(1)),
      fallbacks: { Expected: plan(explain()), Late: plan(a) }
    })
  })

  it("is frozen to the bottom, and the workflow has no then", () => {
    const deepFrozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(deepFrozen))
    const all = recover(
      chain(fail(1), anyGroup({ x: map(m) }) as never) as never,
      {
        Expected: settle(a)
      } as never
    )
    expect(deepFrozen(plan(all))).toBe(true)
    expect(Object.isFrozen(all)).toBe(true)
    expect("then" in all).toBe(false)
  })

  it("of a long chain is made quickly, and names its tasks once", () => {
    const long = chain(...Array.from({ length: 700 }, () => m))
    expect(plan(long)).toMatchObject({ kind: "chain" })
    expect([...long["~arpeggio"].tasks.keys()]).toEqual(["math.mul"])
  })
})

describe("what cannot be composed is refused in the compiler's words", () => {
  const cases: ReadonlyArray<readonly [() => unknown, string]> = [
    [() => chain(...([] as Array<typeof m>)), "chain() has no steps"],
    [() => chain(a, mul as never), "chain's step 2 is a task, not a call: write math.mul(…)"],
    [() => chain(5 as never), "chain's step 1 is not a workflow but 5"],
    [
      () => chain(Promise.resolve(a) as never),
      "chain's step 1 is a promise, not a workflow: await it first"
    ],
    [() => anyGroup(a, "x"), `group's member 2 is not a workflow but "x"`],
    [() => anyGroup({ x: mul }), "group's member x is a task, not a call"],
    [() => anyGroup(mul), "group's member 1 is a task, not a call"],
    [
      () => anyGroup(Object.fromEntries([["__proto__", a]])),
      "group's member cannot be called __proto__"
    ],
    [() => anyGroup(holed({ 0: a, 2: a })), "group's member 2 is not a workflow but undefined"],
    [
      () => anyGroup(holed({ 0: a, length: 2 })),
      "group's member 2 is not a workflow but undefined"
    ],
    [
      () => chord(holed({ 1: a }) as never, tsum()),
      "chord's header member 1 is not a workflow but undefined"
    ],
    [() => chord([mul] as never, tsum()), "chord's header member 1 is a task, not a call"],
    [() => chord([a], tsum as never), "chord's body is a task, not a call"],
    [() => map(mul as never), "map's body is a task, not a call"],
    [() => anyGroup([a], { wait: "some" }), `group's wait is "all", or left out, not "some"`],
    [
      () => anyGroup({ x: a }, { waits: "all" }),
      'group has no option waits: behind its members there is { wait: "all" }'
    ],
    [
      () => anyGroup(a, a, { wait: "all" }),
      'options stand behind a list or a record of members: group([…], { wait: "all" })'
    ],
    [() => map(m, { wait: "first" as never }), `map's wait is "all", or left out, not "first"`],
    [() => map(m, { concurrency: 0 }), "map's concurrency is a whole number of at least 1, not 0"],
    [() => map(m, { batch: 3 } as never), "map has no option batch"],
    [() => settle(mul as never), "settle's workflow is a task, not a call"],
    [
      () => recover(fail(1), { Expected: mul as never }),
      "recover's fallback for Expected is a task"
    ],
    [() => recover(fail(1), {}), "recover has no fallback"],
    [
      () => recover(fail(1), { Expcted: a } as never),
      "recover's fallback for Expcted: [call of fail] does not fail with that. Perhaps Expected is meant, which has no fallback here"
    ],
    [() => recover(fail(1), { expected: a } as never), "Perhaps Expected is meant"],
    [() => recover(fail(1), { TimeOut: a } as never), "Perhaps TimedOut is meant"],
    [
      () => chain(a).with({ queue: "x" } as never),
      "with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call"
    ],
    [
      () => chain(a).with({ deadlin: "1 minute" } as never),
      "with: a workflow has no option deadlin: there are key and deadline"
    ]
  ]
  it.each(cases)("%s", (work, sentence) => {
    expect(work).toThrow(CompositionError)
    expect(work).toThrow(sentence)
  })
})
