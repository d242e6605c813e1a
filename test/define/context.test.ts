import * as Effect from "effect/Effect"
import { expect, it } from "vitest"
import { runWithStep, Step, step, type StepContext } from "../../src/define/context.ts"
import { NoStep } from "../../src/define/errors.ts"

const context: StepContext = {
  run: "run",
  id: "step",
  parent: null,
  task: "math.add",
  attempt: 1,
  worker: "worker",
  signal: new AbortController().signal,
  idempotencyKey: "key",
  headers: {},
  doNotRetry: () => {},
  retryAfter: () => {}
}

it("is there inside a handler, behind awaits too", async () => {
  const seen = await runWithStep(context, async () => {
    await Promise.resolve()
    return step()
  })
  expect(seen).toBe(context)
})

it("is not mixed up between handlers that run at the same time", async () => {
  const of = (id: string): Promise<string> =>
    runWithStep({ ...context, id }, async () => {
      await Promise.resolve()
      return step().id
    })
  expect(await Promise.all([of("a"), of("b")])).toEqual(["a", "b"])
})

it("is refused outside", () => {
  expect(() => step()).toThrow(NoStep)
  expect(() => step()).toThrow(/outside a handler/)
})

it("is a service for effects", async () => {
  const id = Effect.gen(function* () {
    return (yield* Step).id
  }).pipe(Effect.provideService(Step, context))
  expect(await Effect.runPromise(id)).toBe("step")
})
