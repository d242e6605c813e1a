/** Declared errors may be called as outcomes are: they are errors all the same. */
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import {
  chain,
  Failure,
  onFailure,
  Outcome,
  recover,
  settle,
  step,
  task,
  type RetryOptions
} from "arpeggio"
import { testApp } from "arpeggio/testing"

class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", { gate: Schema.Finite }) {}
class Crashed extends Schema.TaggedError<Crashed>()("Crashed", {}) {}
class Cancelled extends Schema.TaggedError<Cancelled>()("Cancelled", {}) {}
class Expired extends Schema.TaggedError<Expired>()("Expired", {}) {}
class Failed extends Schema.TaggedError<Failed>()("Failed", {}) {}
class Succeeded extends Schema.TaggedError<Succeeded>()("Succeeded", {}) {}

const classes = { TimedOut, Crashed, Cancelled, Expired, Failed, Succeeded } as const
const again = { times: 2, initial: "1 millis", jitter: 0 } as const

type Name = keyof typeof classes

const gate = (name: Name, retry: RetryOptions, throws?: () => unknown) => {
  const attempts: Array<number> = []
  const opens = task(
    "gate.open",
    { input: [], output: Schema.Finite, errors: [classes[name]], retry },
    () => {
      attempts.push(step().attempt)
      throw throws?.() ?? new (classes[name] as typeof TimedOut)({ gate: 1 })
    }
  )
  return { opens, attempts }
}

for (const name of Object.keys(classes) as ReadonlyArray<Name>) {
  describe(name, () => {
    test("is not retried by default, and rejects with its class", async () => {
      const { opens, attempts } = gate(name, again)
      await using app = await testApp([opens])
      await expect(app.run(opens())).rejects.toBeInstanceOf(classes[name])
      expect(attempts).toEqual([1])
      const outcome = await app.run(settle(opens()))
      expect(outcome).toMatchObject({ _tag: "Failed" })
      if (outcome._tag === "Failed") expect(outcome.error).toBeInstanceOf(classes[name])
    })

    test("is retried where the policy lists it, in the contract or on the call", async () => {
      const listed = gate(name, { ...again, on: [name] })
      await using app = await testApp([listed.opens])
      await expect(app.run(listed.opens())).rejects.toBeInstanceOf(classes[name])
      expect(listed.attempts).toEqual([1, 2, 3])
      const onCall = gate(name, { times: 0 })
      await using other = await testApp([onCall.opens])
      const call = onCall.opens().with({ retry: { ...again, on: [name] } })
      await expect(other.run(chain(call))).rejects.toBeInstanceOf(classes[name])
      expect(onCall.attempts).toEqual([1, 2, 3])
    })

    test("has its fallback, where that can be told from one for an outcome", async () => {
      const { opens } = gate(name, again)
      const instead = task("gate.instead", { input: [], output: Schema.Finite }, () => 7)
      const recovered = () => recover(opens(), { [name]: instead() } as never)
      // By these names a fallback is one for what nobody declared.
      if (name === "Crashed" || name === "TimedOut") {
        return expect(recovered).toThrow("declares an error called so")
      }
      await using app = await testApp([opens, instead])
      expect(await app.run(recovered())).toBe(7)
    })

    test("can be in an outcome that a task takes", async () => {
      const { opens } = gate(name, again)
      const schema = Outcome.schema(Schema.Finite, [classes[name]])
      const review = task("gate.review", { input: [schema], output: Schema.Boolean }, (outcome) =>
        outcome._tag === "Failed" ? outcome.error instanceof classes[name] : false
      )
      await using app = await testApp([opens, review])
      expect(await app.run(chain(settle(opens()), review() as never))).toBe(true)
    })
  })
}

test("ours are retried beside it, where they are listed or by default", async () => {
  for (const retry of [again, { ...again, on: ["Crashed"] }]) {
    const { opens, attempts } = gate("Crashed", retry, () => new TypeError("a crash of ours"))
    await using app = await testApp([opens])
    await expect(app.run(opens())).rejects.toMatchObject({ _tag: "TaskCrashed" })
    expect(attempts).toEqual([1, 2, 3])
  }
})

test("a failure that cannot be told from ours is refused, with what to do", async () => {
  for (const error of [TimedOut, Crashed, Expired]) {
    expect(() => Failure.schema([error])).toThrow(/called \w+ cannot be told from the outcome \w+/)
  }
  for (const error of [Cancelled, Failed, Succeeded]) {
    const schema = Failure.schema([error])
    const alert = task("gate.alert", { input: [schema], output: Schema.Void }, () => {})
    const hooked = onFailure(gate("Failed", again).opens(), alert() as never)
    expect(hooked["~arpeggio"].plan.kind).toBe("hook")
  }
})

test("two errors of one tag are refused, with what to do", () => {
  class Other extends Schema.TaggedError<Other>()("TimedOut", {}) {}
  for (const declare of [
    () => Failure.schema([TimedOut, Other]),
    () => Outcome.schema(Schema.Finite, [TimedOut, Other]),
    () => task("gate.two", { input: [], output: Schema.Void, errors: [TimedOut, Other] })
  ]) {
    expect(declare).toThrow(/same _tag as another error: TimedOut\. Give one of them another/)
  }
})
