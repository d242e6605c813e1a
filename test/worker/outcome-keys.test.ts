/** What users return as JSON has the fields of its type: no stacks, and nothing that is only for the log. */
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { chain, Failure, group, map, onFailure, Outcome, settle, task } from "arpeggio"
import { both } from "./both.ts"

const { Finite } = Schema
class Refused extends Schema.TaggedError<Refused>()("Refused", { why: Schema.String }) {}

const broken = task("keys.broken", { input: [], output: Finite }, () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
  throw new AggregateError([new Error("eu"), new Error("us")], "fetch failed", { cause })
})
const refused = task("keys.refused", { input: [], output: Finite, errors: [Refused] }, () => {
  throw new Refused({ why: "no" })
})
const almost = task("keys.almost", { input: [], output: Finite, errors: [Refused] }, () => {
  throw Object.assign(new Error("x"), { _tag: "Refused" })
})
const slow = task(
  "keys.slow",
  { input: [], output: Finite, timeout: "20 millis" },
  () => new Promise<number>(() => {})
)
const blocked = task("keys.blocked", { input: [], output: Finite, timeout: "5 millis" }, () => {
  const until = performance.now() + 20
  while (performance.now() < until);
  return 1
})
const each = task("keys.each", { input: [Finite], output: Finite }, (): number => {
  throw new RangeError("of an item")
})
const wrong = task("keys.wrong", { input: [], output: Finite }, () => "one" as never)

const heard: Array<unknown> = []
const hear = task(
  "keys.hear",
  { input: [Failure.schema([Refused])], output: Schema.Void },
  (what) => {
    heard.push(what)
  }
)
const take = task(
  "keys.take",
  { input: [Outcome.schema(Finite, [Refused])], output: Schema.Array(Schema.String) },
  (outcome) => Object.keys(outcome)
)
const tasks = [broken, refused, almost, slow, blocked, each, wrong, hear, take] as const

const crashed = ["_tag", "failure", "message", "name"]
const timedOut = ["_tag", "after", "failure"]
const kinds = {
  broken: [broken(), crashed],
  almost: [almost(), crashed],
  wrong: [wrong(), crashed],
  slow: [slow(), timedOut],
  blocked: [blocked(), timedOut],
  refused: [refused(), ["_tag", "error", "failure"]],
  "a chain": [chain(broken(), each()), crashed],
  "a group": [group(group(broken())), crashed],
  "a map": [chain(group(wrong2()), map(each())), crashed]
} as const

function wrong2() {
  return task("keys.one", { input: [], output: Finite }, () => 1)()
}

const keysOf = (value: unknown): ReadonlyArray<string> => Object.keys(value as object).toSorted()
const fields = ["attempt", "run", "step", "task"]

describe.each(both)("on $broker", ({ open }) => {
  test("outcome(), settle, a task that takes one, and a callback", async () => {
    const one = task("keys.one", { input: [], output: Finite }, () => 1)
    const { app } = await open([...tasks, one])
    for (const [what, [workflow, keys]] of Object.entries(kinds)) {
      const outcome = await (await app.start(workflow as (typeof kinds.broken)[0])).outcome()
      const settled = await app.run(settle(workflow as (typeof kinds.broken)[0]))
      for (const value of [outcome, settled]) {
        expect(keysOf(value), what).toEqual(keys)
        expect(keysOf((value as { readonly failure: object }).failure), what).toEqual(fields)
        expect(JSON.stringify(value), what).not.toMatch(
          /stack|"cause"|"errors"|hint|took|\bat .*:\d/
        )
      }
      const taken = await app.run(chain(settle(workflow as (typeof kinds.broken)[0]), take()))
      expect(taken.toSorted(), what).toEqual(keys)
      await app.run(onFailure(workflow as (typeof kinds.broken)[0], hear())).catch(() => {})
      await expect.poll(() => heard, { message: what }).toHaveLength(1)
      const [failure] = heard.splice(0) as [{ readonly error: { readonly _tag: string } }]
      expect(keysOf(failure), what).toEqual(["attempt", "error", "run", "step", "task"])
      if (failure.error._tag !== "Refused") {
        expect(keysOf(failure.error), what).toEqual(keys.filter((key) => key !== "failure"))
      }
    }
  }, 30_000)

  test("a cancel, a deadline", async () => {
    const { app } = await open(tasks)
    const run = await app.start(slow().with({ timeout: "1 hour" }))
    await run.cancel()
    expect(await run.outcome()).toEqual({ _tag: "Cancelled", reason: "cancelled on request" })
    const late = await app.start(slow().with({ timeout: "1 hour" }).with({ deadline: "30 millis" }))
    expect(await late.outcome()).toEqual({ _tag: "TimedOut", after: 30 })
  })

  test("the words carry the chain", async () => {
    const { app } = await open(tasks)
    expect(await app.run(settle(broken()))).toMatchObject({
      name: "AggregateError",
      message: "fetch failed [eu; us]: connect ECONNREFUSED"
    })
  })
})
