/** A crash says why: what caused it, the several failures it stands for, and whatever else was thrown, in readable words. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { runInNewContext } from "node:vm"
import { describe, expect, test } from "vitest"
import { settle, step, task, TaskCrashed, type Thrown } from "arpeggio"
import { thrownOf } from "../../src/worker/thrown.ts"
import { both } from "./both.ts"

const contract = { input: [], output: Schema.Void } as const
const coded = (message: string, code: string | number, more: object = {}): Error =>
  Object.assign(new Error(message), { code, ...more })
const circular = new Error("round")
circular.cause = new Error("and round", { cause: circular })
class Fault {
  readonly detail = 3
  toString(): string {
    return "a fault of its own"
  }
}
class Plain {
  readonly status = 503
}
class Undeclared extends Schema.TaggedError<Undeclared>()("Undeclared", { order: Schema.Finite }) {}

/** The step that a settled outcome says it is of. */
const origin = { run: "r", step: "1", task: "shop.charge", attempt: 1 }

interface Expected {
  readonly thrown: unknown
  /** A part of the one line. */
  readonly line: string
  readonly is: object
}

const kinds: { readonly [what: string]: Expected } = {
  "an error with a cause": {
    thrown: new TypeError("fetch failed", {
      cause: coded("connect ECONNREFUSED ::1:9", "ECONNREFUSED")
    }),
    line: "TypeError: fetch failed: connect ECONNREFUSED ::1:9",
    is: {
      name: "TypeError",
      message: "fetch failed",
      cause: { name: "Error", message: "connect ECONNREFUSED ::1:9", code: "ECONNREFUSED" }
    }
  },
  "a chain of causes": {
    thrown: new Error("a.", { cause: new Error("b", { cause: "c" }) }),
    line: "Error: a: b: c",
    is: { cause: { message: "b", cause: { name: "Thrown", message: "c" } } }
  },
  "a cause that the words name already": {
    thrown: new Error("order 7: no stock", { cause: new Error("no stock") }),
    line: "crashed: Error: order 7: no stock. If",
    is: { cause: { message: "no stock" } }
  },
  "an aggregate": {
    thrown: new AggregateError([new Error("eu is down"), new Error("us: 403")], "no mirror left"),
    line: "AggregateError: no mirror left [eu is down; us: 403]",
    is: { errors: [{ message: "eu is down" }, { message: "us: 403" }] }
  },
  "an aggregate without words, as Node's": {
    thrown: Object.assign(new AggregateError([coded("connect ::1", "ECONNREFUSED")]), {
      code: "ECONNREFUSED"
    }),
    line: "AggregateError: (ECONNREFUSED) [connect ::1 (ECONNREFUSED)]",
    is: { code: "ECONNREFUSED" }
  },
  "a plain object with message and code": {
    thrown: { code: "card_declined", message: "insufficient funds" },
    line: "Thrown: insufficient funds (card_declined)",
    is: { message: "insufficient funds", code: "card_declined" }
  },
  "a plain object": {
    thrown: { status: 503, body: { retry: true, at: [1, 2] } },
    line: 'Thrown: {"status":503,"body":{"retry":true,"at":[1,2]}}',
    is: { name: "Thrown" }
  },
  "an object of a class": {
    thrown: new Plain(),
    line: 'Plain: {"status":503}',
    is: { name: "Plain" }
  },
  "an object that says itself what it is": {
    thrown: new Fault(),
    line: "Fault: a fault of its own",
    is: {}
  },
  "an array": { thrown: [1, "two"], line: 'Thrown: [1,"two"]', is: {} },
  "an error of another realm": {
    thrown: runInNewContext(
      `new RangeError("elsewhere", { cause: new Error("there") })`
    ) as unknown,
    line: "RangeError: elsewhere: there",
    is: { name: "RangeError", cause: { message: "there" } }
  },
  "an undeclared tagged error": {
    thrown: new Undeclared({ order: 7 }),
    line: 'Undeclared: {"order":7}',
    is: { name: "Undeclared" }
  },
  "a cause that goes in a circle": {
    thrown: circular,
    line: "Error: round: and round",
    is: { cause: { message: "and round" } }
  },
  "an error whose getters throw": {
    thrown: Object.defineProperties(new TypeError("kept"), {
      message: {
        get: () => {
          throw new Error("no")
        }
      },
      code: { value: "E_KEPT" }
    }),
    line: "TypeError: its message cannot be read (E_KEPT)",
    is: { name: "TypeError", code: "E_KEPT" }
  },
  "the outcome of a crash, thrown on": {
    thrown: { _tag: "Crashed", name: "TypeError", message: "psp down", failure: origin },
    line: "crashed: TypeError: shop.charge: psp down",
    is: { name: "TypeError", message: "shop.charge: psp down" }
  },
  "the outcome of what took too long, thrown on": {
    thrown: { _tag: "TimedOut", after: 5_000, failure: origin },
    line: "crashed: TimedOut: shop.charge did not return within 5 seconds",
    is: { name: "TimedOut" }
  },
  "an outcome of which no step is known, thrown on": {
    thrown: { _tag: "Crashed", name: "Error", message: "psp down" },
    line: "crashed: Error: psp down",
    is: { message: "psp down" }
  },
  "a text": { thrown: "just words", line: "Thrown: just words", is: {} },
  null: { thrown: null, line: "Thrown: null", is: {} },
  undefined: { thrown: undefined, line: "Thrown: undefined", is: {} },
  "a symbol": { thrown: Symbol("s"), line: "Thrown: Symbol(s)", is: {} },
  "a bigint": { thrown: 3n, line: "Thrown: 3n", is: {} },
  "a cause of Effect": {
    thrown: Cause.fail(new Error("inside", { cause: new Error("below") })),
    line: "Error: inside: below",
    is: {}
  }
}

const effects: { readonly [what: string]: readonly [Effect.Effect<void, unknown>, string] } = {
  "a defect": [
    Effect.die(new Error("broken", { cause: new Error("inside") })),
    "Error: broken: inside"
  ],
  "a defect that is no error": [Effect.die({ code: "E", message: "m" }), "Thrown: m (E)"],
  "an undeclared failure": [Effect.fail(new Undeclared({ order: 7 })), 'Undeclared: {"order":7}'],
  "a rejected promise": [
    Effect.tryPromise({
      try: () => Promise.reject(new Error("rejected", { cause: new Error("why") })),
      catch: (cause) => cause
    }),
    "Error: rejected: why"
  ],
  "several at once": [
    Effect.failCause(Cause.combine(Cause.fail(new Error("left")), Cause.die(new Error("right")))),
    "Error: left [right]"
  ]
}

describe.each(both)("on $broker", ({ open }) => {
  test("in the error, in the outcome, and in the log", async () => {
    const all: Array<readonly [what: string, handler: () => unknown, line: string, is: object]> = [
      ...Object.entries(kinds).map(
        ([what, { thrown, line, is }]) =>
          [
            what,
            () => {
              throw thrown
            },
            line,
            is
          ] as const
      ),
      ...Object.entries(effects).map(
        ([what, [effect, line]]) => [`in an effect, ${what}`, () => effect, line, {}] as const
      )
    ]
    const tasks = all.map(([, handler], at) => task(`why.t${at}`, contract, handler as () => never))
    const { app, lines } = await open(tasks)
    for (const [at, [what, , line, is]] of all.entries()) {
      const error = await app.run(tasks[at]!()).catch((cause: unknown) => cause)
      expect(error, what).toBeInstanceOf(TaskCrashed)
      const { message, thrown } = error as TaskCrashed
      expect(message, what).toContain(line)
      expect(thrown, what).toMatchObject(is)
      const settled = (await app.run(settle(tasks[at]!()))) as { readonly message?: string }
      const words = line.replace(/^(?:crashed: )?\w+: /, "").replace(/\. If$/, "")
      expect(settled.message, what).toContain(words)
      expect(
        lines.some((printed) => printed.includes(`why.t${at}#`)),
        what
      ).toBe(true)
    }
  }, 30_000)

  test("the log shows causes and parts below each other, also of an attempt that is followed by another", async () => {
    const retry = { times: 1, initial: "1 millis", jitter: 0 } as const
    const failing = task("why.log", { ...contract, retry }, () => {
      const error = new AggregateError([coded("eu is down", 503), "us"], "no mirror left", {
        cause: new Error("below")
      })
      for (const one of [error, error.cause as Error, error.errors[0] as Error]) one.stack = ""
      throw step().attempt === 1 ? error : new Error("last", { cause: error })
    })
    const { app, lines } = await open([failing])
    await app.run(failing()).catch(() => {})
    const printed = (): ReadonlyArray<string> => lines.filter((line) => line.includes("why.log#"))
    await expect.poll(printed).toHaveLength(2)
    const told = printed()
    expect(told[0]).toContain(
      "attempt 1 failed, the next begins in 1 ms: AggregateError: no mirror left"
    )
    const parts = ["  - Error: eu is down (503)", "  - Thrown: us", "  caused by: Error: below"]
    expect(told[0]!.split("\n").slice(1)).toEqual(parts)
    expect(
      told[1]!
        .split("\n")
        .filter((line) => !line.includes(" at "))
        .slice(1)
    ).toEqual(["  caused by: AggregateError: no mirror left", ...parts.map((line) => `  ${line}`)])
  })
})

describe("whatever its size, it is bounded", () => {
  const sizeOf = (thrown: Thrown): number => JSON.stringify(thrown).length
  const depthOf = ({ cause }: Thrown): number => (cause === undefined ? 0 : 1 + depthOf(cause))

  test("a thousand causes", () => {
    let error = new Error("0")
    for (let at = 1; at < 1_000; at++) error = new Error(`${at}`, { cause: error })
    expect(depthOf(thrownOf(error))).toBeLessThan(10)
  })
  test("a thousand errors, each with a thousand", () => {
    const wide = (depth: number): Error =>
      depth === 0
        ? new Error("x".repeat(10_000))
        : new AggregateError(Array.from({ length: 30 }, () => wide(depth - 1)))
    expect(sizeOf(thrownOf(wide(3)))).toBeLessThan(300_000)
  })
  test("long words and stacks everywhere", () => {
    const long = (cause?: unknown): Error =>
      Object.assign(new Error("m".repeat(100_000), { cause }), { stack: "s".repeat(100_000) })
    expect(sizeOf(thrownOf(long(long(long(long())))))).toBeLessThan(100_000)
  })
  test("an object that is deep, wide and goes in a circle", () => {
    const deep: { [key: string]: unknown } = { text: "t".repeat(100_000) }
    for (let at = 0; at < 1_000; at++) deep[`k${at}`] = { deep, list: Array(1_000).fill(at) }
    expect(thrownOf(deep).message.length).toBeLessThanOrEqual(2_000)
  })
})
