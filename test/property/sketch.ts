/**
 * Random workflows, in two steps: a sketch without types, which fast-check makes and shrinks, and (in build.ts) the
 * workflow it stands for, which is well typed whatever the sketch.
 */
import fc from "fast-check"

type Leaf = "plus" | "digest" | "keep" | "total" | "spread" | "picky" | "shaky" | "flaky"

/** When a call may begin, and whether that is in time. */
export type CallTime = "at once" | "later" | "in time" | "too late"

export type Sketch =
  | {
      readonly kind: "call"
      readonly task: Leaf
      readonly k: number
      readonly full: boolean
      readonly time: CallTime
    }
  | { readonly kind: "pass" }
  | { readonly kind: "chain"; readonly steps: ReadonlyArray<Sketch> }
  | {
      readonly kind: "group"
      readonly members: ReadonlyArray<Sketch>
      readonly named: boolean
      readonly waits: boolean
    }
  | {
      readonly kind: "map"
      readonly body: Sketch
      readonly concurrency: number
      readonly waits: boolean
      readonly k: number
    }
  | { readonly kind: "ignore" | "settle" | "become"; readonly of: Sketch }
  | {
      readonly kind: "sleep"
      readonly of: Sketch
      readonly where: "before" | "behind" | "beside"
      readonly time: number
    }
  | {
      readonly kind: "hook"
      readonly on: "success" | "failure"
      readonly of: Sketch
      readonly k: number
    }
  | {
      readonly kind: "cleanup"
      readonly of: Sketch
      readonly cleanup: Sketch
      readonly on: "failure" | "any"
      readonly given: "outcome" | "both"
    }
  | {
      readonly kind: "recover"
      readonly of: Sketch
      readonly fallbacks: {
        readonly Expected?: Sketch
        readonly Other?: Sketch
        readonly Crashed?: Sketch
      }
      readonly given: "error" | "both"
    }

const leaves: ReadonlyArray<Leaf> = [
  "plus",
  "digest",
  "picky",
  "picky",
  "picky",
  "shaky",
  "flaky",
  "spread",
  "total",
  "keep"
]
const deepest = 5

const k = fc.nat({ max: 30 })
/** Most groups and maps end with the first failure. */
const waits = fc.nat({ max: 3 }).map((dice) => dice === 0)
const call: fc.Arbitrary<Sketch> = fc.record({
  kind: fc.constant("call"),
  task: fc.constantFrom(...leaves),
  k,
  full: fc.integer({ min: 0, max: 4 }).map((dice) => dice === 4),
  time: fc
    .integer({ min: 0, max: 15 })
    .map((dice): CallTime => (["later", "in time", "too late"] as const)[dice] ?? "at once")
})

const pass: fc.Arbitrary<Sketch> = fc.constant({ kind: "pass" })
const leaf = fc.oneof({ arbitrary: call, weight: 9 }, { arbitrary: pass, weight: 1 })

const at = (depth: number): fc.Arbitrary<Sketch> => {
  if (depth >= deepest) return leaf
  const inner = at(depth + 1)
  return fc.oneof(
    { arbitrary: leaf, weight: depth * 2 },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("chain"),
        steps: fc.array(inner, { minLength: 1, maxLength: 4, size: "max" })
      })
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("group"),
        members: fc.array(inner, { maxLength: 3, size: "max" }),
        named: fc.boolean(),
        waits
      })
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("map"),
        body: inner,
        concurrency: fc.nat({ max: 3 }),
        waits,
        k
      })
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("ignore"), of: inner }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("settle"), of: inner }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("become"), of: inner }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("sleep"),
        of: inner,
        where: fc.constantFrom("before", "behind", "beside"),
        time: fc.nat({ max: 200 })
      })
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("hook"),
        on: fc.constantFrom("success", "failure"),
        of: inner,
        k
      })
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("cleanup"),
        of: inner,
        cleanup: inner,
        on: fc.constantFrom("failure", "any"),
        given: fc.constantFrom("outcome", "both")
      })
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("recover"),
        of: inner,
        given: fc.constantFrom("error", "both"),
        fallbacks: fc.oneof(
          fc.record({ Expected: inner }),
          fc.record({ Other: inner }),
          fc.record({ Expected: inner, Other: inner }),
          fc.record({ Expected: inner, Crashed: inner })
        )
      })
    }
  ) as fc.Arbitrary<Sketch>
}

/** Sketches of workflows up to five deep. */
export const sketches: fc.Arbitrary<Sketch> = at(0)
