/** Callbacks on the outcome of a whole, a key that makes a start idempotent, and a deadline. */
import * as Schema from "effect/Schema"
import {
  chain,
  connect,
  Failure,
  group,
  onFailure,
  onSuccess,
  RunTimedOut,
  startWorker,
  step,
  task
} from "arpeggio"
import { add, sum } from "../workflows/math.ts"

class SoldOut extends Schema.TaggedError<SoldOut>()("SoldOut", { item: Schema.String }) {}

const reserve = task(
  "example.reserve",
  { input: [Schema.String], output: Schema.String, errors: [SoldOut] },
  (item) => {
    if (item === "unicorn") throw new SoldOut({ item })
    return `${item} reserved`
  }
)

let heard: (line: string) => void = () => {}
const nextCallback = (): Promise<string> => new Promise((resolve) => (heard = resolve))

const celebrate = task(
  "example.celebrate",
  { input: [Schema.Finite], output: Schema.Void },
  (total) => heard(`the group gave ${total}`)
)

const alert = task(
  "example.alert",
  { input: [Failure.schema([SoldOut])], output: Schema.Void },
  ({ task, error }) =>
    heard(`${task} failed: ${error instanceof SoldOut ? error.item : error._tag}`)
)

const wait = task("example.wait", { input: [], output: Schema.Void }, async () => {
  const { signal } = step()
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
})

await using _worker = await startWorker([add, sum, reserve, celebrate, alert, wait], {
  print: () => {}
})
await using app = await connect()

// Once for the whole, after its outcome is stored. The result is the same with or without.
const told = nextCallback()
console.log(
  "result",
  await app.run(onSuccess(chain(group(add(1, 2), add(3, 4)), sum()), celebrate()))
)
console.log("callback:", await told)

// The callback of a failure receives where it comes from, and the error as the class it was.
const alerted = nextCallback()
await app.run(onFailure(reserve("unicorn"), alert())).catch((error) => console.log(error._tag))
console.log("callback:", await alerted)

// The same key gives the same run: from any process, also after a restart of the broker.
const order = reserve("horse").with({ key: `order-${process.pid}` })
const first = await app.start(order)
const second = await app.start(order)
console.log("one run:", first.id === second.id, await second.result())

// What has not ended by its deadline is stopped.
await app
  .run(wait().with({ deadline: "300 millis" }))
  .catch((error) => console.log("too late:", error instanceof RunTimedOut))

// Output:
// result 10
// callback: the group gave 10
// SoldOut
// callback: example.reserve failed: unicorn
// one run: true horse reserved
// too late: true
