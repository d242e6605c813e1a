/** The three tasks of the bench, with their schemas. */
import * as Schema from "effect/Schema"
import { task } from "arpeggio"

export const inc = task(
  "bench.inc",
  { input: [Schema.Finite], output: Schema.Finite },
  (value) => value + 1
)

export const echo = task(
  "bench.echo",
  { input: [Schema.String], output: Schema.String },
  (text) => text
)

export const sum = task(
  "bench.sum",
  { input: [Schema.Array(Schema.Finite)], output: Schema.Finite },
  (values) => values.reduce((total, each) => total + each, 0)
)
