/** A call that nobody could do ends in the dead letters; once somebody can, its run is done again from there. */
import * as Schema from "effect/Schema"
import { chain, connect, startWorker, task } from "arpeggio"

const text = Schema.String

const load = task("orders.load", { input: [Schema.Finite], output: text }, (id) => {
  console.log(`loading order ${id}`)
  return `order ${id}`
})
const bill = task("orders.bill", { input: [text], output: text }, (order) => `${order} is billed`)

await using app = await connect()
const workflow = chain(load(7), bill())

// A worker was deployed that knows only one of the two.
const half = await startWorker([load], { patience: "1 second" })
const run = await app.start(workflow)
console.log(`the run has ${(await run.outcome())._tag.toLowerCase()}`)
await half.drain()

const { letters } = await app.deadLetters.list()
for (const { task, step, reason } of letters) console.log(`${task}, step ${step}: ${reason}`)

// The whole of it is deployed: what had succeeded is taken over, the rest is executed.
await using _worker = await startWorker([load, bill])
const again = await app.deadLetters.redrive(letters[0]!.id)
console.log(await app.attach(again.id, workflow).result())

// Output:
// loading order 7
// the run has crashed
// orders.bill, step 2: no worker that serves orders.bill took it from queue "default" within 1 second: start one with this task in its serve([…]), then redrive the dead letter, with { queue } where the task has moved to another
// order 7 is billed
