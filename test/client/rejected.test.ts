/** A declared error that is no `Error` rejects as one, with its fields and the caller's line, and stays a value elsewhere. */
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { Client, connect, recover, settle, task } from "arpeggio"
import { workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"
import { both } from "../worker/both.ts"

const Declined = z.strictObject({ _tag: z.literal("Declined"), code: z.string() })
const Named = z.object({
  _tag: z.literal("Named"),
  name: z.string(),
  message: z.string(),
  stack: z.string()
})
const Bare = Schema.TaggedStruct("Bare", {})
class Held extends Schema.TaggedClass<Held>()("Held", { until: Schema.Date }) {}
class Missing extends Schema.TaggedError<Missing>()("Missing", { id: Schema.String }) {}

const all = {
  declined: { _tag: "Declined", code: "expired" },
  named: { _tag: "Named", name: "Ada", message: "no", stack: "of books" },
  bare: { _tag: "Bare" },
  held: new Held({ until: new Date(0) }),
  missing: new Missing({ id: "u1" })
} as const
type Kind = keyof typeof all

const errors = [Declined, Named, Bare, Held, Missing] as const
const fail = task("rej.fail", { input: [Schema.String], output: z.string(), errors }, (kind) => {
  throw all[kind as Kind]
})
const said = task("rej.said", { input: [Declined], output: z.string() }, ({ code }) => code)

const rejection = (
  work: Promise<unknown>
): Promise<Error & { readonly [field: string]: unknown }> =>
  work.then(
    () => expect.fail("it succeeded"),
    (error: unknown) => error as never
  )

describe.each(both)("on $broker", ({ open }) => {
  test("an Error with the fields of the value, at the caller's line", async () => {
    const { app } = await open([fail])
    const run = await app.start(fail("declined"))
    for (const error of [
      await rejection(app.run(fail("declined"))),
      await rejection(app.run(fail("declined"), { within: "1 minute" })),
      await rejection(run.result())
    ]) {
      expect(error).toBeInstanceOf(Error)
      expect({ ...error }).toEqual(all.declined)
      expect(JSON.parse(JSON.stringify(error))).toEqual(all.declined)
      expect(error.name).toBe("Declined")
      expect(error.message).toBe('rej.fail failed with Declined: {"code":"expired"}')
      const [head, first] = error.stack!.split("\n")
      expect(head).toBe('Declined: rej.fail failed with Declined: {"code":"expired"}')
      expect(first).toContain("rejected.test.ts")
      expect(inspect(error)).toMatch(/\{ _tag: 'Declined', code: 'expired' \}$/)
    }
    await expect(app.run(fail("declined"))).rejects.toThrow("failed with Declined")
    await expect(app.run(fail("declined"))).rejects.toMatchObject(all.declined)
  })

  test("its own name, message and stack win", async () => {
    const { app } = await open([fail])
    const error = await rejection(app.run(fail("named")))
    expect(error).toBeInstanceOf(Error)
    expect({ ...error }).toEqual(all.named)
    expect([error.name, error.message, error.stack]).toEqual(["Ada", "no", "of books"])
  })

  test("without fields, of a class that is no Error, and of one that is", async () => {
    const { app } = await open([fail])
    expect((await rejection(app.run(fail("bare")))).message).toBe("rej.fail failed with Bare")
    const held = await rejection(app.run(fail("held")))
    expect(held).toBeInstanceOf(Error)
    expect(held["until"]).toEqual(new Date(0))
    expect(held.message).toContain('failed with Held: {"until":"1970-01-01T00:00:00.000Z"}')
    const missing = await rejection(app.run(fail("missing")))
    expect(missing).toBeInstanceOf(Missing)
    expect(missing.message).toBe("")
  })

  test("the value stays in outcomes, for settle and for fallbacks", async () => {
    const { app } = await open([fail, said])
    const outcome = await (await app.start(fail("declined"))).outcome()
    const settled = await app.run(settle(fail("declined")))
    for (const { _tag, error } of [outcome as never, settled as never] as ReadonlyArray<{
      readonly _tag: string
      readonly error: object
    }>) {
      expect(_tag).toBe("Failed")
      expect(error).not.toBeInstanceOf(Error)
      expect(error).toEqual(all.declined)
    }
    expect(await app.run(recover(fail("declined"), { Declined: said() }))).toBe("expired")
  })

  test("a handler that throws it on fails with the value", async () => {
    const on = task("rej.on", { input: [Schema.String], output: z.string(), errors }, (kind) =>
      app.run(fail(kind))
    )
    const undeclared = task("rej.undeclared", { input: [], output: z.string() }, () =>
      app.run(fail("declined"))
    )
    const { app } = await open([fail, on, undeclared])
    for (const kind of ["declined", "named", "bare", "held"] as const) {
      const outcome = await (await app.start(on(kind))).outcome()
      expect(outcome).toMatchObject({ _tag: "Failed", failure: { task: "rej.on" } })
      expect((outcome as unknown as { readonly error: unknown }).error).toEqual(all[kind])
    }
    expect(await (await app.start(undeclared())).outcome()).toMatchObject({
      _tag: "Crashed",
      name: "Declined",
      message: expect.stringContaining("rej.fail failed with Declined")
    })
  })
})

test("Effect's client fails with the value", async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  const options = { servers: server.url, namespace: "rejected" }
  const worker = await workerOver(await connectNats(options), [fail])
  onTestFinished(() => worker.drain())
  await using app = await connect(options)
  const { id } = await app.start(fail("declined"))
  const program = Effect.gen(function* () {
    const client = yield* Client
    const run = yield* client.attach(id, fail)
    return [yield* Effect.flip(client.run(fail("declined"))), yield* Effect.flip(run.result)]
  })
  for (const error of await Effect.runPromise(Effect.provide(program, Client.layer(options)))) {
    expect(error).not.toBeInstanceOf(Error)
    expect(error).toEqual(all.declined)
  }
})
