/** Whatever a handler throws, its step has crashed, and its caller is told. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { task, TaskCrashed } from "arpeggio"
import { testApp } from "arpeggio/testing"

const refuse = (): never => {
  throw new Error("not to be looked at")
}

const thrown: { readonly [what: string]: unknown } = {
  "an object without a prototype": Object.create(null),
  "an error with a stack that is no text": Object.assign(new Error("x"), { stack: [1] }),
  "an error with a message that is no text": Object.assign(new Error("x"), { message: 3n }),
  "an error without a message": Object.assign(new Error("x"), { message: undefined }),
  "a proxy that refuses": new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse }),
  "a symbol": Symbol("x"),
  nothing: undefined,
  "a message of three megabytes": new Error("x".repeat(3_000_000))
}

for (const [what, error] of Object.entries(thrown)) {
  test(what, async () => {
    const odd = task("odd", { input: [Schema.Finite], output: Schema.Finite }, (): number => {
      throw error
    })
    await using app = await testApp([odd])
    const told = await app.run(odd(1)).catch((cause: unknown) => cause)
    expect(told).toBeInstanceOf(TaskCrashed)
    expect((told as TaskCrashed).message.length).toBeLessThan(20_000)
  })
}

const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

test.each<readonly [string, Error, string]>([
  ["a cause", new Error("top", { cause: revoked({}) }), "top"],
  ["one of its errors", new AggregateError([revoked({}), new Error("in")], "top"), "top ["],
  ["its list of errors", Object.assign(new Error("top"), { errors: revoked([]) }), "top"]
])("an error keeps its words where %s cannot be looked at", async (_, error, words) => {
  const odd = task("odd.words", { input: [], output: Schema.Void }, () => {
    throw error
  })
  await using app = await testApp([odd])
  const told = await app.run(odd()).catch((cause: unknown) => cause)
  expect((told as TaskCrashed).thrown.message).toBe("top")
  expect((told as TaskCrashed).message).toContain(`Error: ${words}`)
})

test("what an Effect fails with is told once, also where it is not itself", async () => {
  const odd = task("odd.nan", { input: [], output: Schema.Void }, () => Effect.fail(NaN) as never)
  await using app = await testApp([odd])
  const told = await app.run(odd()).catch((cause: unknown) => cause)
  expect((told as TaskCrashed).message).toContain("Thrown: NaN. ")
})

test("a value that an asynchronous handler gives, and that cannot be looked at", async () => {
  const odd = task("odd.value", { input: [], output: Schema.Json }, () =>
    Effect.succeed(new Proxy({}, { has: refuse, getPrototypeOf: refuse }) as never)
  )
  await using app = await testApp([odd])
  const told = await app.run(odd()).catch((cause: unknown) => cause)
  expect(told).toBeInstanceOf(TaskCrashed)
})

test("the stack that was thrown with arrives with the error", async () => {
  const odd = task("odd.stack", { input: [], output: Schema.Void }, function somewhere(): void {
    throw new TypeError("no")
  })
  await using app = await testApp([odd])
  const told = await app.run(odd()).catch((cause: unknown) => cause)
  expect((told as TaskCrashed).thrown).toMatchObject({ name: "TypeError", message: "no" })
  expect((told as TaskCrashed).thrown.stack).toContain("somewhere")
})

test("data that looks like a workflow is data", async () => {
  const call = { kind: "call", task: "odd.secret", args: [], partial: false, queue: "default" }
  const data = { "~arpeggio": { plan: { ...call, fingerprint: "" } } }
  let executed = 0
  const secret = task("odd.secret", { input: [], output: Schema.Void }, () => {
    executed += 1
  })
  const echo = task("odd.echo", { input: [Schema.Json], output: Schema.Json }, (json) => json)
  await using app = await testApp([secret, echo])
  expect(await app.run(echo(data))).toEqual(data)
  const effect = { "~effect/Effect": "x" }
  expect(await app.run(echo(effect))).toEqual(effect)
  expect(executed).toBe(0)
})
