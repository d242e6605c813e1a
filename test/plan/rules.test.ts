/** What each kind of node does, asked of its rule alone: no broker, no engine. */
import { describe, expect, test } from "vitest"
import * as Schema from "effect/Schema"
import {
  always,
  chain,
  group,
  ignoreInput,
  map,
  onFailure,
  onSuccess,
  pass,
  recover,
  settle
} from "arpeggio"
import { ifFailed, task, withInput, type PlanNode } from "arpeggio"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { arrivalAt } from "../../src/plan/arrival.ts"
import { type NumberedNode, numberPlan, isHooked } from "../../src/plan/numbering.ts"
import type { Begin, Next, Tag } from "../../src/plan/rule.ts"
import { knownRule, ruleOf } from "../../src/plan/table.ts"

class Refused extends Schema.TaggedError<Refused>()("Refused", {}) {}

const one = task("one", {
  input: [Schema.Finite],
  output: Schema.Finite,
  errors: [Refused]
})
const tell = task("tell", { input: [Schema.Json], output: Schema.Finite })

const planOf = (workflow: AnyWorkflow): PlanNode => workflow["~arpeggio"].plan as PlanNode

const ends: Next = { do: "decide", as: "ended" }
const endsAll: Next = { do: "decide", as: "ended", closes: true }
const passes: Next = { do: "pass" }

interface Row {
  readonly plan: PlanNode
  readonly begins: Begin
  /** What follows when the child at a position has ended so. */
  readonly follows: ReadonlyArray<readonly [position: number, tag: Tag, next: Next]>
  readonly arrival: ReturnType<typeof arrivalAt>
}

const rows: { readonly [K in PlanNode["kind"]]: Row } = {
  call: { plan: planOf(one(1)), begins: { do: "call" }, follows: [], arrival: "nothing" },
  pass: { plan: planOf(pass(Schema.Finite)), begins: { do: "end" }, follows: [], arrival: "taken" },
  chain: {
    plan: planOf(chain(one(1), one(), one())),
    begins: { do: "first" },
    follows: [
      [0, "Succeeded", { do: "begin", child: 1, given: "value" }],
      [0, "Failed", ends],
      [1, "Cancelled", ends],
      [2, "Succeeded", passes],
      [2, "Crashed", passes]
    ],
    arrival: "nothing"
  },
  group: {
    plan: planOf(group({ a: ignoreInput(one(1)), b: one() })),
    begins: { do: "all" },
    follows: [
      [0, "Succeeded", { do: "join", keys: ["a", "b"] }],
      [1, "Failed", endsAll],
      [1, "Cancelled", endsAll]
    ],
    arrival: "taken"
  },
  map: {
    plan: planOf(map(one(), { concurrency: 2 })),
    begins: { do: "each", body: planOf(one()), concurrency: 2 },
    follows: [
      [7, "Succeeded", { do: "join", items: true }],
      [7, "TimedOut", endsAll]
    ],
    arrival: "taken"
  },
  ignore: {
    plan: planOf(ignoreInput(one(1))),
    begins: { do: "first", given: "nothing" },
    follows: [[0, "Failed", passes]],
    arrival: "dropped"
  },
  settle: {
    plan: planOf(settle(one())),
    begins: { do: "first" },
    follows: [
      [0, "Succeeded", { do: "decide", as: "settled" }],
      [0, "Crashed", { do: "decide", as: "settled" }]
    ],
    arrival: "taken"
  },
  recover: {
    plan: planOf(
      recover(one(), { Refused: withInput(ignoreInput(one(1))), Crashed: ignoreInput(one(2)) })
    ),
    begins: { do: "first", keeps: true },
    follows: [
      [0, "Succeeded", ends],
      [0, "TimedOut", ends],
      [0, "Crashed", { do: "begin", child: 2, given: { tell: "error", input: false } }],
      [1, "Failed", passes],
      [2, "Succeeded", passes]
    ],
    arrival: "taken"
  },
  cleanup: {
    plan: planOf(always(one(1), tell() as never)),
    begins: { do: "first" },
    follows: [
      [0, "Succeeded", { do: "begin", child: 1, given: { tell: "outcome", input: false } }],
      [0, "Failed", { do: "begin", child: 1, given: { tell: "outcome", input: false } }],
      [0, "Cancelled", ends],
      [1, "Succeeded", { do: "decide", as: "before" }],
      [1, "Crashed", ends]
    ],
    arrival: "nothing"
  },
  hook: {
    plan: planOf(onSuccess(one(1), tell())),
    begins: { do: "first" },
    follows: [[0, "Failed", passes]],
    arrival: "nothing"
  },
  sleep: {
    plan: { kind: "sleep", for: 20 },
    begins: { do: "sleep", for: 20 },
    follows: [],
    arrival: "nothing"
  }
}

describe.each(Object.entries(rows))("%s", (kind, { plan, begins, follows, arrival }) => {
  test("begins, and goes on when something inside has ended", () => {
    expect(plan.kind).toBe(kind)
    const rule = ruleOf(plan)
    expect(rule.begin(plan)).toEqual(begins)
    for (const [position, tag, next] of follows) {
      expect(rule.ended(plan, position, tag), `${position} ${tag}`).toEqual(next)
    }
    expect(arrivalAt(plan)).toBe(arrival)
  })

  test("knows each of its fields, and which of them hold plans", () => {
    const rule = ruleOf(plan)
    expect(Object.keys(rule.fields)).toEqual(expect.arrayContaining(Object.keys(plan)))
    const holds = Object.entries(plan).filter(([, value]) =>
      [value, ...(Array.isArray(value) ? value : [])].some(
        (part) => typeof part === "object" && part !== null && "kind" in part
      )
    )
    expect(Object.keys(rule.parts)).toEqual(expect.arrayContaining(holds.map(([field]) => field)))
  })
})

test("a fallback is found by the tag of the error, and is given what was asked for", () => {
  const { plan } = rows.recover
  const look = ruleOf(plan).ended(plan, 0, "Failed")
  if (look.do !== "look") throw new Error("it does not look")
  expect(look.then("Refused")).toEqual({
    do: "begin",
    child: 1,
    given: { tell: "error", input: true }
  })
  expect(look.then("Another")).toEqual(ends)
  // A declared error of that name is not what was meant.
  expect(look.then("Crashed")).toEqual(ends)
})

test("a group and a map that wait join their members however these end", () => {
  const waits = { wait: "all" } as const
  const members = planOf(group({ a: ignoreInput(one(1)), b: one() }, waits))
  const items = planOf(map(one(), waits))
  for (const tag of ["Succeeded", "Failed", "Crashed", "Cancelled"] as const) {
    expect(ruleOf(members).ended(members, 1, tag)).toEqual({
      do: "join",
      keys: ["a", "b"],
      waits: true
    })
    expect(ruleOf(items).ended(items, 3, tag)).toEqual({ do: "join", items: true, waits: true })
  }
})

test("a cleanup for failures passes a success on", () => {
  const plan = planOf(ifFailed(one(1), withInput(tell()) as never))
  const { begin, ended } = ruleOf(plan)
  expect(begin(plan)).toEqual({ do: "first", keeps: true })
  expect(ended(plan, 0, "Succeeded")).toEqual(ends)
  expect(ended(plan, 0, "Failed")).toEqual({
    do: "begin",
    child: 1,
    given: { tell: "failure", input: true }
  })
})

test("a callback waits for a success, or for a failure that nobody asked for", () => {
  const success = planOf(onSuccess(one(1), tell()))
  const failure = planOf(onFailure(one(1), tell() as never))
  const started = (plan: PlanNode): ReadonlyArray<Tag> =>
    (["Succeeded", "Failed", "Crashed", "Cancelled", "TimedOut", "Expired"] as const).filter(
      (tag) => ruleOf(plan).starts!(plan, tag) !== undefined
    )
  expect(started(success)).toEqual(["Succeeded"])
  expect(started(failure)).toEqual(["Failed", "Crashed", "TimedOut", "Expired"])
  const around = chain(ignoreInput(onSuccess(one(1), tell())))
  expect(isHooked(planOf(around))).toBe(true)
  expect(isHooked(planOf(settle(around)))).toBe(false)
})

test("every node has its outcome in one place, as its role says", () => {
  const plan = planOf(chain(one(1), group(one(), chain(one(), one())), ignoreInput(settle(one(1)))))
  const nodes = numberPlan(plan)
  const called = ({ parent, role }: NumberedNode): string | undefined => {
    const around = nodes[parent]?.node
    return around && ruleOf(around).called?.(around, role.position)
  }
  expect(nodes.map((one) => [one.node.kind, one.role.outcome, called(one)])).toEqual([
    ["chain", "frame", undefined],
    ["call", "own", "step 1"],
    ["group", "own", "step 2"],
    ["call", "inside", "member 1"],
    ["chain", "inside", "member 2"],
    ["call", "own", "step 1"],
    ["call", "parent", "step 2"],
    ["ignore", "parent", "step 3"],
    ["settle", "parent", undefined],
    ["call", "inside", undefined]
  ])
})

test("a kind that is named like something every object has is unknown", () => {
  expect(knownRule("constructor")).toBeUndefined()
  expect(knownRule("race")).toBeUndefined()
})
