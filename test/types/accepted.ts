/** Programs that must compile, with the types that they must have. Checked by every compiler run. */
import * as Effect from "effect/Effect"
import * as Context from "effect/Context"
import type * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ContractError } from "../../src/define/errors.ts"
import type { RetryOptions } from "../../src/define/retry.ts"
import type { Services } from "../../src/define/served.ts"
import type { BrokerError } from "../../src/broker/errors.ts"
import { testApp } from "../../src/testing/index.ts"
import { Worker } from "../../src/worker/layer.ts"
import * as orders from "../worker/modules/orders.ts"
import {
  always,
  add,
  type AnyWorkflow,
  app,
  type Call,
  chain,
  chord,
  colour,
  either,
  Failure,
  ifFailed,
  type ErrorOf,
  Expected,
  explain,
  fail,
  group,
  ignoreInput,
  implement,
  type InputOf,
  log,
  map,
  maybe,
  mul,
  now,
  open,
  onFailure,
  onSuccess,
  option,
  Outcome,
  Other,
  type OutputOf,
  place,
  recover,
  serve,
  settle,
  pass,
  ship,
  size,
  shout,
  sub,
  task,
  toggle,
  tsum,
  withInput,
  type Workflow
} from "./dsl.ts"

declare abstract class AbstractError extends Error {}

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : { got: A }
const type = <_Holds extends true>(): void => {}

declare function textFirst(x: string): string
declare function textFirst(x: number): number
declare function numberFirst(x: number): number
declare function numberFirst(x: string): string
declare function promised(x: number): Promise<number>
declare function promised(x: string): Promise<string>
declare function lazily(x: number): Effect.Effect<number, Expected>
declare function lazily(x: string): Effect.Effect<string>

/** Everything that must compile; never called, so that nothing runs. */
export const accepted = async (numbers: ReadonlyArray<number>): Promise<void> => {
  const full = add(4, 2)
  type<Same<typeof full, Call<"math.add", void, number>>>()
  const partial = mul(3)
  type<Same<typeof partial, Call<"math.mul", number, number>>>()
  const none = now()
  type<Same<typeof none, Call<"now", void, Date>>>()
  const overridden = fail().with({ queue: "slow", timeout: "2 minutes", headers: { a: "b" } })
  type<Same<typeof overridden, Call<"fail", number, number, Expected>>>()

  const steps = chain(add(4, 2), mul(3), fail())
  type<Same<typeof steps, Workflow<void, number, Expected>>>()
  const nested = chain(chain(mul(2)), chain(chain(mul(3))))
  type<Same<typeof nested, Workflow<number, number>>>()
  const long = chain(...numbers.map((n) => add(n)))
  type<Same<typeof long, Workflow<number, number>>>()
  const begun = chain(add(0, 1), ...numbers.map((n) => fail().with({ headers: { n: `${n}` } })))
  type<Same<typeof begun, Workflow<void, number, Expected>>>()
  const measured = chain(shout("x"), size(), ...numbers.map((n) => add(n)))
  type<Same<typeof measured, Workflow<void, number>>>()
  const afterNothing = chain(log(), add(1, 2))
  type<Same<typeof afterNothing, Workflow<number, number>>>()
  const dropped = chain(add(1, 2), ignoreInput(mul(3, 4)))
  type<Same<typeof dropped, Workflow<void, number>>>()

  const tuple = group(add(1, 2), shout("x"))
  type<Same<typeof tuple, Workflow<void, [number, string]>>>()
  const shared = group(mul(2), chain(mul(3), fail()), ignoreInput(shout("x")))
  type<Same<typeof shared, Workflow<number, [number, number, string], Expected>>>()
  const one = group(mul(2))
  type<Same<typeof one, Workflow<number, [number]>>>()
  const record = group({ a: mul(2), b: ignoreInput(shout("x")) })
  type<Same<typeof record, Workflow<number, { a: number; b: string }>>>()
  const list = group(numbers.map((n) => fail(n)))
  type<Same<typeof list, Workflow<void, ReadonlyArray<number>, Expected>>>()
  const waiting = group({ a: mul(2), b: fail() }, { wait: "all" })
  type<Same<typeof waiting, Workflow<number, { a: number; b: number }, Expected>>>()
  const waitingList = group(
    numbers.map((n) => fail(n)),
    { wait: "all" }
  )
  type<Same<typeof waitingList, Workflow<void, ReadonlyArray<number>, Expected>>>()
  const waitingPair = group([mul(2), fail()], { wait: "all" })
  type<Same<typeof waitingPair, Workflow<number, ReadonlyArray<number>, Expected>>>()
  const booleans = group(toggle(), toggle())
  type<Same<typeof booleans, Workflow<boolean, [boolean, boolean]>>>()
  const empty = group()
  type<Same<typeof empty, Workflow<unknown, []>>>()
  const deep = group(mul(1), group(mul(2), mul(3)))
  type<Same<typeof deep, Workflow<number, [number, [number, number]]>>>()

  const sums = chord([add(1, 2), mul(2, 3)], tsum())
  type<Same<typeof sums, Workflow<void, number>>>()
  const later = chord(group(mul(1), fail()), tsum())
  type<Same<typeof later, Workflow<number, number, Expected>>>()
  const named = chord({ user: shout("a"), total: add(1, 2) }, ship())
  type<Same<typeof named, Workflow<void, string>>>()
  const many = chord(
    numbers.map((n) => add(n, n)),
    tsum()
  )
  type<Same<typeof many, Workflow<void, number>>>()
  const bodyOnly = chord([], tsum())
  type<Same<typeof bodyOnly, Workflow<unknown, number>>>()

  const mapped = map(fail(), { concurrency: 3 })
  type<Same<typeof mapped, Workflow<ReadonlyArray<number>, ReadonlyArray<number>, Expected>>>()
  const settled = settle(fail(1))
  type<Same<typeof settled, Workflow<void, Outcome<number, Expected>>>>()
  type<Same<Extract<OutputOf<typeof settled>, { _tag: "Failed" }>["failure"]["task"], string>>()
  const explained = recover(fail(1), { Expected: explain() })
  type<Same<typeof explained, Workflow<void, number | string>>>()
  const replaced = recover(fail(), { Expected: ignoreInput(fail(1)) })
  type<Same<typeof replaced, Workflow<number, number, Expected>>>()
  const constant = recover(fail(), { Expected: add(0, 0) })
  type<Same<typeof constant, Workflow<number, number>>>()

  // What is chosen at run time takes what suits every case.
  const same = either ? mul(3) : log()
  type<Same<InputOf<typeof same>, number>>()
  const points = either ? place() : colour()
  type<Same<InputOf<typeof points>["x"], number>>()
  const chosen = settle(points)
  await app.run(chosen, { x: 1, y: 2, hue: "red" })
  await app.run(points, { x: 1, y: 2, hue: "red" })
  await app.start(points, { x: 1, y: 2, hue: "red" })
  const nullable = either ? mul(1) : maybe()
  type<Same<InputOf<typeof nullable>, number>>()
  chain(add(1, 2), nullable, ignoreInput(either ? add(1, 2) : now()))
  const nothing = either ? add(1, 2) : fail(1)
  type<Same<InputOf<typeof nothing>, void>>()
  type<Same<OutputOf<typeof nothing>, number>>()
  type<Same<ErrorOf<typeof nothing>, Expected>>()
  await app.run(nothing)
  await app.run(nothing.with({ key: "a" }), undefined, {})
  const dropping = either ? ignoreInput(add(1, 2)) : mul(2)
  type<Same<InputOf<typeof dropping>, number>>()
  type<Same<InputOf<Workflow<boolean, 1> | Workflow<boolean, 2>>, boolean>>()
  type<Same<InputOf<Workflow<1 | 2, 1> | Workflow<2 | 3, 2>>, 2>>()
  type<Same<InputOf<Workflow<void, 1> | Workflow<unknown, 2>>, void>>()
  type<Same<InputOf<Workflow<unknown, 1> | Workflow<unknown, 2>>, unknown>>()
  type<Same<InputOf<Workflow<void, 1> | Workflow<number, 2>>, never>>()
  type<Same<InputOf<Workflow<void, 1> | Workflow<{ a: 1 }, 2>>, never>>()
  type<Same<InputOf<Workflow<string, 1> | Workflow<number, 2>>, never>>()
  type<Same<InputOf<Workflow<undefined, 1> | Workflow<number | undefined, 2>>, undefined>>()
  type<Same<InputOf<AnyWorkflow>, never>>()
  type<Same<InputOf<never>, never>>()
  type<Same<InputOf<Workflow<Option.Option<number>, 1>>, Option.Option<number>>>()
  const options = either ? option() : ignoreInput(add(1, 2))
  type<Same<InputOf<typeof options>, Option.Option<number>>>()
  const settledChoice = settle(either ? fail() : log())
  type<Same<typeof settledChoice, Workflow<number, Outcome<number | void, Expected>>>>()
  const mappedChoice = map(either ? fail() : log())
  type<
    Same<
      typeof mappedChoice,
      Workflow<ReadonlyArray<number>, ReadonlyArray<number | void>, Expected>
    >
  >()
  const groupedChoice = group(either ? fail() : mul(2), mul(3))
  type<Same<typeof groupedChoice, Workflow<number, [number, number], Expected>>>()
  const listed = group(numbers.map((n) => (n > 1 ? mul(n) : fail())))
  type<Same<typeof listed, Workflow<number, ReadonlyArray<number>, Expected>>>()
  chord(either ? group(mul(1)) : group(mul(2)), tsum())
  chord(either ? [mul(1)] : [mul(2)], tsum())
  // A fallback or a callback takes what arrives or needs nothing, in every case for itself.
  recover(fail(1), { Expected: either ? explain() : now() })
  onSuccess(mul(2), either ? add(1, 2) : log())
  onFailure(mul(2), either ? add(1, 2) : now())
  onSuccess(points, ignoreInput(add(1, 2)))
  settle({} as AnyWorkflow)

  class Database extends Context.Service<Database, { readonly size: number }>()("Database") {}
  const sized = task(
    "sized",
    { input: [Schema.Finite], output: Schema.Finite, errors: [Expected] },
    (x) =>
      Effect.gen(function* () {
        const { size } = yield* Database
        if (x > size) return yield* new Expected({ x })
        return x > 1 ? size : add(1, 2)
      })
  )
  type<
    Same<
      Services<[[typeof sized, typeof add], { readonly sized: typeof sized; readonly other: 1 }]>,
      Database
    >
  >()
  const countdown = task("countdown", { input: [Schema.Finite], output: Schema.Finite })
  const bound = implement(countdown, (n) => (n === 0 ? 0 : countdown(n - 1)))
  task("async", { input: [Schema.Finite], output: Schema.Finite }, async (n) =>
    n > 1 ? add(n, 1) : 3
  )
  task("silent", { input: [Schema.Finite], output: Schema.Void }, () => {})
  // One form of an overloaded function does, whichever it is; a task is one too.
  const identity = task("identity", { input: [Schema.Finite], output: Schema.Finite })
  implement(identity, textFirst)
  implement(identity, numberFirst)
  implement(identity, promised)
  implement(fail, lazily)
  implement(identity, countdown)
  implement(sub, Math.max)
  task("first", { input: [Schema.Finite], output: Schema.Finite }, numberFirst)
  const difference = implement(sub, async (left, right) => left - right)
  const both = difference(3, 1)
  type<Same<typeof both, Call<"math.sub", void, number>>>()
  const patient: RetryOptions = { times: 3, on: ["Expected"] }
  const retried = task("retried", {
    input: [Schema.Finite],
    output: Schema.Finite,
    errors: [Expected],
    retry: { times: 3, on: [Expected, "Expected", "Crashed", TypeError, AbstractError] }
  })
  const retriedCall = retried(1).with({
    retry: { times: 1, on: ["Expected", "TimedOut"] },
    key: "1"
  })
  type<Same<typeof retriedCall, Call<"retried", void, number, Expected>>>()
  add(1, 2).with({ retry: patient, timeout: "3 seconds" })
  task("patient", { input: [Schema.Finite], output: Schema.Finite, retry: patient }, (n) => n)
  const once = implement(log, (n) => Effect.logInfo(n))
  // What `any` holds is left to run time, and needs no services.
  const parsed = task("parsed", { input: [Schema.String], output: Schema.Finite }, (text) =>
    JSON.parse(text)
  )
  const awaited = task("awaited", { input: [Schema.String], output: Schema.Finite }, async (text) =>
    JSON.parse(text)
  )
  await serve([add, bound, difference, once, parsed, awaited])
  const several: ReadonlyArray<typeof bound> = [bound]
  await serve(several)
  await serve(orders)
  await serve(orders, { bound, sub, io: 1 }, [once], several, {
    concurrency: 3,
    print: (line) => line.length
  })
  await serve(orders, { print: (line) => line.length })
  const tested = await testApp(orders, [implement(orders.price, () => 7), add], { seed: 3 })
  const started = await tested.expectStarted(add, { input: [1, 2], within: "1 second" })
  type<Same<typeof started.input, [left: number, right: number]>>()
  const needing = Worker.layer([add], { sized }, orders, { concurrency: 3 })
  type<Same<typeof needing, Layer.Layer<never, ContractError | BrokerError, Database>>>()

  const carried = chain(add(1, 2), group({ order: pass(Schema.Finite), double: mul(2) }))
  type<Same<OutputOf<typeof carried>, { order: number; double: number }>>()
  const user = pass(Schema.Struct({ user: Schema.String, total: Schema.Finite }))
  type<Same<InputOf<typeof user>, { readonly user: string; readonly total: number }>>()
  type<Same<OutputOf<typeof user>, { readonly user: string; readonly total: number }>>()
  const shipping = chain(user, ship())
  type<Same<InputOf<typeof shipping>, { readonly user: string; readonly total: number }>>()

  const amends = task("amends", {
    input: [Schema.Struct({ error: Expected, input: Schema.Finite })],
    output: Schema.String
  })
  const amended = recover(fail(), { Expected: withInput(amends()) })
  type<Same<InputOf<typeof amended>, number>>()
  type<Same<OutputOf<typeof amended>, number | string>>()
  type<Same<ErrorOf<typeof amended>, never>>()

  const rounded = task("round", {
    input: [Schema.String, Schema.Date, Schema.Struct({ digits: Schema.Finite })],
    output: Schema.String,
    errors: [Expected]
  })
  const inMiddle = rounded.partial("a", open, { digits: 2 })
  type<Same<typeof inMiddle, Call<"round", Date, string, Expected>>>()
  const atEnd = rounded.partial("a", new Date(0), open).with({ queue: "slow" })
  type<Same<typeof atEnd, Call<"round", { readonly digits: number }, string, Expected>>>()
  const difference2 = chain(add(1, 2), group(sub.partial(10, open), sub(10)), tsum())
  type<Same<typeof difference2, Workflow<void, number>>>()
  map(sub.partial(10, open))
  rounded.partial(JSON.parse("1"), open, { digits: JSON.parse("1") })

  const undo = task("undo", {
    input: [Schema.Struct({ input: Schema.Finite })],
    output: Schema.Void,
    errors: [Other]
  })
  const alarm = task("alarm", { input: [Failure.schema([Expected])], output: Schema.Void })
  const note = task("note", {
    input: [Outcome.schema(Schema.Finite, [Expected])],
    output: Schema.Void
  })
  const undone = chain(add(1, 2), ifFailed(fail(), withInput(undo())), mul(3))
  type<Same<InputOf<typeof undone>, void>>()
  type<Same<OutputOf<typeof undone>, number>>()
  type<Same<ErrorOf<typeof undone>, Expected | Other>>()
  const noted = always(ifFailed(fail(), alarm()), note())
  type<Same<ErrorOf<typeof noted>, Expected>>()
  always(add(1, 2), note())
  always(fail(), withInput(undo()))
  always(fail(), either ? note() : ignoreInput(add(1, 2)))
  ifFailed(fail(1), add(1, 2))

  const answer = await app.run(steps)
  type<Same<typeof answer, number>>()
  await app.run(nested, 4)
  await app.run(steps, undefined, {})
  await app.run(bodyOnly)
}
