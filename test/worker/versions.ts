/** Two versions of the same tasks, as a deploy has them side by side, and a ledger of which version executed what. */
import * as Schema from "effect/Schema"
import { step } from "../../src/define/context.ts"
import { task } from "../../src/define/task.ts"

const { Finite, String: Text, Struct } = Schema
const optional = Schema.optionalKey

/** An execution: which version, of which task, with which arguments. */
export interface Executed {
  readonly version: 1 | 2
  readonly task: string
  readonly input: ReadonlyArray<unknown>
  readonly attempt: number
  readonly run: string
}

export const executed: Array<Executed> = []

/** What was executed of a run. */
export const executedOf = (run: string): ReadonlyArray<Executed> =>
  executed.filter((one) => one.run === run)

const note = (version: 1 | 2, name: string, ...input: ReadonlyArray<unknown>): void => {
  const { run, attempt } = step()
  executed.push({ version, task: name, input, attempt, run })
}

/** Takes anything, gives a number: it is the same in both versions. */
export const sum = task(
  "deploy.sum",
  { input: [Schema.Array(Finite)], output: Finite },
  (numbers) => numbers.reduce((left, right) => left + right, 0)
)

const Old = { price: Finite, name: Text }
const Added = { ...Old, currency: optional(Text) }
const Renamed = { price: Finite, title: Text }

export class Odd extends Schema.TaggedError<Odd>()("Odd", { reason: Text }) {}

/** Takes anything, and fails. */
export const refuse = task(
  "deploy.refuse",
  { input: [Schema.Json], output: Finite, errors: [Odd] },
  () => {
    throw new Odd({ reason: "refused" })
  }
)

const oldOrder = task("deploy.order", { input: [Finite], output: Struct(Old) }, (id) => {
  note(1, "order", id)
  return { price: id, name: `order ${id}` }
})
const newOrder = task("deploy.order", { input: [Finite], output: Struct(Added) }, (id) => {
  note(2, "order", id)
  return { price: id, name: `order ${id}`, currency: "EUR" }
})
const oldBill = task("deploy.bill", { input: [Struct(Old)], output: Finite }, (order) => {
  note(1, "bill", order)
  return order.price
})
const newBill = task("deploy.bill", { input: [Struct(Added)], output: Finite }, (order) => {
  note(2, "bill", order)
  return order.price
})
const oldAmends = task(
  "deploy.amends",
  { input: [Struct({ error: Odd, input: Struct(Old) })], output: Finite },
  ({ input }) => {
    note(1, "bill", input)
    return input.price
  }
)
const newAmends = task(
  "deploy.amends",
  { input: [Struct({ error: Odd, input: Struct(Added) })], output: Finite },
  ({ input }) => {
    note(2, "bill", input)
    return input.price
  }
)
const oldLabel = task("deploy.label", { input: [Finite], output: Struct(Old) }, (id) => {
  note(1, "label", id)
  return { price: id, name: `order ${id}` }
})
const newLabel = task("deploy.label", { input: [Finite], output: Struct(Renamed) }, (id) => {
  note(2, "label", id)
  return { price: id, title: `order ${id}` }
})
const oldPrint = task("deploy.print", { input: [Struct(Old)], output: Text }, (order) => {
  note(1, "print", order)
  return order.name
})
const newPrint = task("deploy.print", { input: [Struct(Renamed)], output: Text }, (order) => {
  note(2, "print", order)
  return order.title
})
const oldTwo = task("deploy.two", { input: [Finite, Finite], output: Finite }, (a, b) => {
  note(1, "two", a, b)
  return a + b
})
const newTwo = task(
  "deploy.two",
  { input: [Finite, Finite, Finite], output: Finite },
  (a, b, c) => {
    note(2, "two", a, b, c)
    return a + b + c
  }
)
const oldShort = task(
  "deploy.short",
  { input: [Text.check(Schema.isMaxLength(3))], output: Text, errors: [Odd] },
  (text) => {
    note(1, "short", text)
    return text
  }
)
const newShort = task(
  "deploy.short",
  { input: [Text.check(Schema.isMaxLength(30))], output: Text, errors: [Odd] },
  (text) => {
    note(2, "short", text)
    return text
  }
)
const gone = task("deploy.gone", { input: [Finite], output: Finite }, (number) => {
  note(1, "gone", number)
  return number
})

export const v1 = {
  order: oldOrder,
  bill: oldBill,
  amends: oldAmends,
  label: oldLabel,
  print: oldPrint,
  two: oldTwo,
  short: oldShort,
  gone
}

export const v2 = {
  order: newOrder,
  bill: newBill,
  amends: newAmends,
  label: newLabel,
  print: newPrint,
  two: newTwo,
  short: newShort
}

export const tasks1 = [...Object.values(v1), refuse, sum] as const
export const tasks2 = [...Object.values(v2), refuse, sum] as const
