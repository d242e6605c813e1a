/** A module that hands on another as a whole, beside a task of its own. */
import * as Schema from "effect/Schema"
import { task } from "arpeggio"

export * as orders from "./orders.ts"

export const ship = task(
  "shop.ship",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => x + 1
)
