/** A module that hands on what another has. */
import * as Schema from "effect/Schema"
import { task } from "../../../src/index.ts"

export { price } from "./orders.ts"
export const sum = task("report.sum", { input: [Schema.Finite], output: Schema.Finite }, (x) => x)
