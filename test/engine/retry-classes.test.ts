/** `retry.on` of a contract lists classes of what is thrown without being declared; the worker decides. */
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { connect, ContractError, startWorker, step, task } from "arpeggio"
import { testApp } from "arpeggio/testing"
import { startNatsServer } from "../nats-server.ts"

const { Finite } = Schema
class Busy extends Schema.TaggedError<Busy>()("Busy", {}) {}
class Declined extends Error {}
class Offline extends Error {}
class TimeoutOfDriver extends Offline {}
/** As another copy of a module has it: the name is the same, the class is another. */
const otherCopy = (): Error => Object.assign(new Error("copy"), { name: "Offline" })

/** Throws at its first attempt what stands under the name, and gives the number of attempts. */
const thrown: { readonly [name: string]: () => unknown } = {
  listed: () => new Offline("listed"),
  below: () => new TimeoutOfDriver("below"),
  copy: otherCopy,
  realm: () => runInNewContext("new TypeError('elsewhere')") as unknown,
  declared: () => new Busy(),
  other: () => new Declined("other"),
  text: () => "Offline",
  nothing: () => null,
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
}

const once = (name: string): number => {
  const { attempt } = step()
  if (attempt === 1) throw thrown[name]!()
  return attempt
}

const contract = {
  input: [Schema.String],
  output: Finite,
  errors: [Busy],
  retry: { times: 2, initial: "1 millis", jitter: 0, on: [Busy, Offline, TypeError] }
} as const
const attempts = task("classes.attempts", contract, once)
const inEffect = task("classes.effect", contract, (name) =>
  step().attempt === 1 ? Effect.die(thrown[name]!()) : Effect.succeed(step().attempt)
)

test.each(["listed", "below", "copy", "realm", "declared"])("%s is retried", async (name) => {
  await using app = await testApp([attempts, inEffect])
  expect(await app.run(attempts(name))).toBe(2)
  if (name !== "declared") expect(await app.run(inEffect(name))).toBe(2)
})

test.each(["other", "text", "nothing", "revoked"])("%s is not", async (name) => {
  await using app = await testApp([attempts, inEffect])
  const run = await app.start(attempts(name))
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", failure: { attempt: 1 } })
})

test("a call that says otherwise takes the place of the list, and no class travels", async () => {
  await using app = await testApp([attempts])
  const again = attempts("listed").with({ retry: { times: 0 } })
  expect(await (await app.start(again)).outcome()).toMatchObject({ _tag: "Crashed" })
  const tags = attempts("listed").with({ retry: { times: 2, initial: "1 millis", on: ["Busy"] } })
  expect(await (await app.start(tags)).outcome()).toMatchObject({ _tag: "Crashed" })
  const other = attempts("other").with({ retry: { times: 2, initial: "1 millis" } })
  expect(await app.run(other)).toBe(2)
  const list = [Offline] as never
  expect(() => attempts("listed").with({ retry: { times: 2, on: list } })).toThrow(
    "classes.attempts: retry.on lists the class Offline, which does not travel with a call: list it in the contract"
  )
})

test("what is neither a tag nor a class is refused", () => {
  const declare = (on: unknown) => () =>
    task("classes.wrong", { ...contract, retry: { times: 1, on: on as never } })
  expect(declare([attempts])).toThrow(ContractError)
  expect(declare([attempts])).toThrow(
    "task classes.wrong: retry.on lists tags of errors and, in a contract, classes: retry.on[0] is"
  )
  expect(declare([Offline, 3])).toThrow("retry.on lists tags of errors and, in a contract, classes")
  expect(declare("Busy")).toThrow('retry.on is a list such as ["Crashed", "TimedOut"], not "Busy"')
})

test("on a real server", async () => {
  const server = await startNatsServer()
  try {
    const place = { servers: server.url, namespace: "classes", print: () => {} }
    await using _worker = await startWorker([attempts], place)
    await using app = await connect(place)
    expect(await app.run(attempts("below"))).toBe(2)
    const run = await app.start(attempts("other"))
    expect(await run.outcome()).toMatchObject({ _tag: "Crashed", failure: { attempt: 1 } })
  } finally {
    await server.stop()
  }
})
