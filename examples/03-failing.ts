/** What a step may fail with stands in its contract, travels as data, and arrives as the class it was. */
import * as Schema from "effect/Schema"
import {
  chain,
  connect,
  group,
  Outcome,
  recover,
  settle,
  startWorker,
  task,
  TaskCrashed
} from "arpeggio"
import { add } from "../workflows/math.ts"

class DivisionByZero extends Schema.TaggedError<DivisionByZero>()("DivisionByZero", {
  dividend: Schema.Finite
}) {}

const divide = task(
  "example.divide",
  { input: [Schema.Finite, Schema.Finite], output: Schema.Finite, errors: [DivisionByZero] },
  (dividend, divisor) => {
    if (divisor === 0) throw new DivisionByZero({ dividend })
    return dividend / divisor
  }
)

const buggy = task("example.buggy", { input: [], output: Schema.Void }, () => {
  throw new TypeError("undefined is not a function")
})

const describe = task(
  "example.describe",
  { input: [Outcome.schema(Schema.Finite, [DivisionByZero])], output: Schema.String },
  (outcome) => (outcome._tag === "Succeeded" ? `it gave ${outcome.value}` : `it ${outcome._tag}`)
)

await using _worker = await startWorker([add, divide, buggy, describe], { print: () => {} })
await using app = await connect()

// run rejects with the declared error: an instance of its class, with its fields. Steps after it never ran.
try {
  await app.run(chain(divide(7, 0), add(1)))
} catch (error) {
  console.log("caught", error instanceof DivisionByZero && error.dividend)
}

// What nobody declared is a bug: TaskCrashed says which task, and what it threw.
try {
  await app.run(buggy())
} catch (error) {
  if (error instanceof TaskCrashed) console.log("crashed", error.task, error.thrown.message)
}

// recover gives an error a fallback, by its tag. The error is then gone from the workflow's type.
console.log("recovered", await app.run(recover(divide(7, 0), { DivisionByZero: add(0, 0) })))

// settle turns whatever happens into a value. Around members, one failure leaves the others alone.
const outcomes = await app.run(group(settle(divide(6, 3)), settle(divide(7, 0))))
console.log("settled", outcomes.map((outcome) => outcome._tag).join(", "))
console.log("described", await app.run(chain(settle(divide(6, 3)), describe())))

// outcome() never rejects for what a task did.
const run = await app.start(divide(1, 0))
const outcome = await run.outcome()
console.log("outcome", outcome._tag, Outcome.isFailed(outcome) && outcome.error.dividend)

// Output:
// caught 7
// crashed example.buggy undefined is not a function
// recovered 0
// settled Succeeded, Failed
// described it gave 2
// outcome Failed 1
