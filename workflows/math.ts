/** What can be done: adding and multiplying. Importing it connects to nothing. */
import * as Schema from "effect/Schema"
import { task } from "arpeggio"

export const add = task(
  "math.add",
  { input: [Schema.Finite, Schema.Finite], output: Schema.Finite },
  (left, right) => left + right
)

export const mul = task(
  "math.mul",
  { input: [Schema.Finite, Schema.Finite], output: Schema.Finite },
  (left, right) => left * right
)

export const sum = task(
  "math.sum",
  { input: [Schema.Array(Schema.Finite)], output: Schema.Finite },
  (numbers) => numbers.reduce((total, number) => total + number, 0)
)
