/** A handler may return a workflow instead of a value: it takes the task's place, and its result is the task's. */
import * as Schema from "effect/Schema"
import { chain, chord, connect, implement, startWorker, task } from "arpeggio"
import { add, mul, sum } from "../workflows/math.ts"

// 1 + 4 + 9 + …: how many members the chord has is known only when the handler runs.
const sumOfSquares = task(
  "example.sum-of-squares",
  { input: [Schema.Finite], output: Schema.Finite },
  (count) => {
    const numbers = Array.from({ length: count }, (_, at) => at + 1)
    return chord(
      numbers.map((number) => mul(number, number)),
      sum()
    )
  }
)

// A task that calls itself is declared first and bound after. Each halving is a step of its own.
const halvings = task("example.halvings", {
  input: [Schema.Finite, Schema.Finite],
  output: Schema.Finite
})
const halve = implement(halvings, (number, soFar) =>
  number <= 1 ? soFar : halvings(Math.floor(number / 2), soFar + 1)
)

await using _worker = await startWorker([add, mul, sum, sumOfSquares, halve], { print: () => {} })
await using app = await connect()

console.log("sum of squares", await app.run(sumOfSquares(4)))
console.log("in a chain", await app.run(chain(add(1, 2), sumOfSquares(), mul(100))))
console.log("halvings", await app.run(halvings(1000, 0)))

// Output:
// sum of squares 30
// in a chain 1400
// halvings 9
