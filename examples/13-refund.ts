/** An order in five tasks. Whichever fails behind the first, the money goes back, and the caller is told the error itself. */
import * as Schema from "effect/Schema"
import {
  chain,
  connect,
  group,
  ifFailed,
  pass,
  settle,
  startWorker,
  task,
  withInput
} from "arpeggio"

const Order = Schema.Struct({ id: Schema.String, item: Schema.String, cents: Schema.Finite })
const Ready = Schema.Struct({ order: Order, shelf: Schema.String, payment: Schema.String })

class Invalid extends Schema.TaggedError<Invalid>()("Invalid", { reason: Schema.String }) {}
class SoldOut extends Schema.TaggedError<SoldOut>()("SoldOut", { item: Schema.String }) {}
class Declined extends Schema.TaggedError<Declined>()("Declined", { order: Schema.String }) {}
class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", { item: Schema.String }) {}

/** A pretend payment provider, which knows each order once: what was given back is not charged again. */
const payments = new Map<string, number>()

const validate = task(
  "order.validate",
  { input: [Order], output: Order, errors: [Invalid] },
  (order) => {
    if (order.cents <= 0) throw new Invalid({ reason: `${order.id} costs nothing` })
    return order
  }
)
const reserve = task(
  "order.reserve",
  { input: [Order], output: Schema.String, errors: [SoldOut] },
  ({ item }) => {
    if (item === "unicorn") throw new SoldOut({ item })
    return `shelf of the ${item}`
  }
)
const charge = task(
  "order.charge",
  { input: [Order], output: Schema.String, errors: [Declined] },
  ({ id, cents }) => {
    if (payments.get(id) === 0) throw new Declined({ order: id })
    payments.set(id, cents)
    return `payment of ${id}`
  }
)
const ship = task(
  "order.ship",
  { input: [Ready], output: Schema.String, errors: [TooLarge] },
  ({ order, shelf, payment }) => {
    if (order.item === "piano") throw new TooLarge({ item: order.item })
    return `${order.id} from the ${shelf}, after the ${payment}`
  }
)

/** Asks for the input alone, so it does for any failure. It is given in time also where the charge still runs. */
const refund = task(
  "order.refund",
  { input: [Schema.Struct({ input: Order })], output: Schema.Void },
  ({ input }) => void payments.set(input.id, 0)
)

const placeOrder = chain(
  validate(),
  ifFailed(
    chain(group({ order: pass(Order), shelf: reserve(), payment: charge() }), ship()),
    withInput(settle(refund()))
  )
)

const tasks = [validate, reserve, charge, ship, refund]
await using _worker = await startWorker(tasks, { print: () => {} })
await using app = await connect()

const orders = [
  { id: "o-1", item: "lamp", cents: 4_000 },
  { id: "o-2", item: "unicorn", cents: 90_000 },
  { id: "o-3", item: "piano", cents: 300_000 },
  { id: "o-4", item: "lamp", cents: 0 }
]

for (const order of orders) {
  const outcome = await (await app.start(placeOrder, order)).outcome()
  if (outcome._tag === "Succeeded") console.log(outcome.value)
  if (outcome._tag === "Failed")
    console.log(outcome.failure.task, "failed with", outcome.error._tag)
  console.log(`  paid: ${payments.get(order.id)}`)
}

// Output:
// o-1 from the shelf of the lamp, after the payment of o-1
//   paid: 4000
// order.reserve failed with SoldOut
//   paid: 0
// order.ship failed with TooLarge
//   paid: 0
// order.validate failed with Invalid
//   paid: undefined
