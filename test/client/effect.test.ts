/** The same from Effect: typed failures, services for handlers, interruption. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, expect, test } from "vitest"
import { chain, Client, Step, task, Worker } from "arpeggio"
import { startNatsServer } from "../nats-server.ts"

class Declined extends Schema.TaggedError<Declined>()("Declined", { amount: Schema.Finite }) {}

class Bank extends Context.Service<Bank, { readonly limit: number }>()("test/Bank") {}

const charge = task(
  "effect.charge",
  { input: [Schema.Finite], output: Schema.String, errors: [Declined] },
  Effect.fnUntraced(function* (amount: number) {
    const bank = yield* Bank
    const { task } = yield* Step
    if (amount > bank.limit) return yield* new Declined({ amount })
    return `${task} ${amount}`
  })
)
const shout = task("effect.shout", { input: [Schema.String], output: Schema.String }, (text) =>
  Effect.sync(() => `${text}!`)
)

let server: Awaited<ReturnType<typeof startNatsServer>>
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server?.stop())

const inside = <A, E>(program: Effect.Effect<A, E, Client>) => {
  const options = { servers: server.url, namespace: "effect", print: () => {} } as const
  const worker = Worker.layer([charge, shout], options).pipe(
    Layer.provide(Layer.succeed(Bank, { limit: 100 }))
  )
  return Effect.runPromiseExit(
    program.pipe(Effect.provide(Layer.mergeAll(worker, Client.layer(options))))
  )
}

test("a chain over handlers that are effects with a service", async () => {
  const exit = await inside(
    Effect.gen(function* () {
      const client = yield* Client
      return yield* client.run(chain(charge(5), shout()))
    })
  )
  expect(exit).toEqual(Exit.succeed("effect.charge 5!"))
})

test("a declared error is a typed failure that catchTag takes", async () => {
  const exit = await inside(
    Effect.gen(function* () {
      const client = yield* Client
      return yield* client.run(charge(500))
    }).pipe(Effect.catchTag("Declined", (error) => Effect.succeed(`declined ${error.amount}`)))
  )
  expect(exit).toEqual(Exit.succeed("declined 500"))
})

test("start, status and attach", async () => {
  const exit = await inside(
    Effect.gen(function* () {
      const client = yield* Client
      const run = yield* client.start(shout("hey"))
      const attached = yield* client.attach(run.id, shout("hey"))
      const value = yield* attached.result
      return [value, yield* attached.status, yield* run.outcome] as const
    })
  )
  expect(exit).toEqual(Exit.succeed(["hey!", "Succeeded", { _tag: "Succeeded", value: "hey!" }]))
})

test("health never fails", async () => {
  const exit = await inside(Effect.flatMap(Client, (client) => client.health))
  expect(exit).toMatchObject(
    Exit.succeed({ ok: true, namespace: "effect", connection: { connected: true } })
  )
})

test("a run is found by its key", async () => {
  const key = "effect-found"
  const exit = await inside(
    Effect.gen(function* () {
      const client = yield* Client
      const none = yield* client.find({ key })
      const { id } = yield* client.start(shout("one").with({ key }))
      const found = yield* client.find({ key }, shout)
      return [none, found?.id === id, found && (yield* found.result)] as const
    })
  )
  expect(exit).toEqual(Exit.succeed([undefined, true, "one!"]))
})

test("a key that is another's is a typed failure", async () => {
  const key = "effect-key"
  const exit = await inside(
    Effect.gen(function* () {
      const client = yield* Client
      yield* client.start(shout("one").with({ key }))
      return yield* client.run(shout("two").with({ key }))
    }).pipe(Effect.catchTag("KeyTaken", (error) => Effect.succeed(`taken: ${error.key}`)))
  )
  expect(exit).toEqual(Exit.succeed(`taken: ${key}`))
})

test("an option that cannot be is a typed failure of the layer", async () => {
  const layer = Client.layer({ servers: server.url, namespace: "effect", owner: "not one!" })
  const program = Effect.flatMap(Client, ({ health }) => health).pipe(
    Effect.map(() => "connected"),
    Effect.provide(layer),
    Effect.catchTag("ContractError", ({ message }) => Effect.succeed(message))
  )
  expect(await Effect.runPromise(program)).toContain("owner")
})

test("a run is attached to without its workflow, and says why it has not ended", async () => {
  const exit = await inside(
    Effect.gen(function* () {
      const client = yield* Client
      const { id } = yield* client.start(charge(500))
      const run = yield* client.attach(id)
      const error = yield* Effect.flip(run.result)
      const stuck = yield* client.start(shout("x").with({ queue: "nobody" }))
      const { waiting } = yield* stuck.describe
      const typed = yield* (yield* client.attach(id, charge)).outcome
      return { error, waits: waiting.map((step) => step.for), typed: typed._tag }
    })
  )
  expect(exit).toMatchObject({
    _tag: "Success",
    value: { error: { _tag: "Declined", amount: 500 }, waits: ["worker"], typed: "Failed" }
  })
})
