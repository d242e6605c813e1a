/** For Effect programs: handlers are effects with services and typed errors, worker and client are layers. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { chain, Client, Step, task, Worker } from "arpeggio"

class UnknownCurrency extends Schema.TaggedError<UnknownCurrency>()("UnknownCurrency", {
  currency: Schema.String
}) {}

class Rates extends Context.Service<
  Rates,
  { readonly rateOf: (currency: string) => Effect.Effect<number, UnknownCurrency> }
>()("example/Rates") {
  static readonly layer = Layer.succeed(Rates, {
    rateOf: (currency) =>
      currency === "SEK" ? Effect.succeed(11) : Effect.fail(new UnknownCurrency({ currency }))
  })
}

// The compiler knows that this handler needs Rates, and that its errors are those of the contract.
const convert = task(
  "example.convert",
  { input: [Schema.Finite, Schema.String], output: Schema.Finite, errors: [UnknownCurrency] },
  (euros, currency) =>
    Effect.gen(function* () {
      const rates = yield* Rates
      return euros * (yield* rates.rateOf(currency))
    })
)

const label = task(
  "example.label",
  { input: [Schema.Finite, Schema.String], output: Schema.String },
  (amount, currency) =>
    Effect.gen(function* () {
      const { attempt } = yield* Step
      return `${amount} ${currency} (attempt ${attempt})`
    })
)

// Leave Rates.layer out, and this line does not compile.
const worker = Worker.layer([convert, label], { print: () => {} }).pipe(Layer.provide(Rates.layer))

const program = Effect.gen(function* () {
  const client = yield* Client
  console.log(yield* client.run(chain(convert(20, "SEK"), label("SEK"))))
  const message = yield* client
    .run(convert(20, "XXX"))
    .pipe(
      Effect.catchTag("UnknownCurrency", ({ currency }) => Effect.succeed(`no rate of ${currency}`))
    )
  console.log(message)
})

await Effect.runPromise(program.pipe(Effect.provide([worker, Client.layer()])))

// Output:
// 220 SEK (attempt 1)
// no rate of XXX
