/** A module as programs have them: tasks with and without handlers, among other things. */
import * as Schema from "effect/Schema"
import { implement, task } from "../../../src/index.ts"

const { Finite } = Schema

export const price = task("orders.price", { input: [Finite], output: Finite }, (net) => net * 2)
/** Done elsewhere. */
export const ship = task("orders.ship", { input: [Finite], output: Finite })
export const taxed = task("orders.taxed", { input: [Finite], output: Finite })
export const taxedHere = implement(taxed, (net) => net + 1)
export const concurrency = "of something else"
// oxlint-disable-next-line typescript/no-explicit-any -- as a module may export it
export const settings: any = { price: 1 }
export const helper = (net: number): number => net
export const rates = { price: 1 }
export default price
