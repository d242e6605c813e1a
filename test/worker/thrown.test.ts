/** Whatever a handler throws, its step has crashed, and its caller is told. */
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
