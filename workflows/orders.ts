/** An order in three steps: charge, reserve, ship. When nothing is left to reserve, the money goes back. */
import * as Schema from "effect/Schema"
import { chain, recover, step, task, type Workflow } from "arpeggio"
import { book } from "./ledger.ts"

export const Order = Schema.Struct({
  customer: Schema.String,
  item: Schema.String,
  price: Schema.Finite
})
export type Order = typeof Order.Type

/** An order that was paid, with the ledger's entry. */
const Paid = Schema.Struct({ order: Order, payment: Schema.String })

export const Shipped = Schema.TaggedStruct("Shipped", { parcel: Schema.String })
export const Refunded = Schema.TaggedStruct("Refunded", {
  amount: Schema.Finite,
  because: Schema.String
})

/** The customer's card was not accepted. Nothing was charged. */
export class CardDeclined extends Schema.TaggedError<CardDeclined>()("orders.CardDeclined", {
  customer: Schema.String
}) {}

/** The item is sold out. Carries what was paid, so that a fallback can give it back. */
export class OutOfStock extends Schema.TaggedError<OutOfStock>()("orders.OutOfStock", {
  item: Schema.String,
  paid: Paid
}) {}

export const charge = task(
  "orders.charge",
  { input: [Order], output: Paid, errors: [CardDeclined], timeout: "10 seconds" },
  async (order) => {
    if (order.customer === "Mallory") throw new CardDeclined({ customer: order.customer })
    // A worker may die after the booking and before its result is stored; then this runs again, under the same key.
    const entry = await book(step().idempotencyKey, order.price)
    return { order, payment: entry.id }
  }
)

export const reserve = task(
  "orders.reserve",
  { input: [Paid], output: Paid, errors: [OutOfStock] },
  (paid) => {
    if (paid.order.item === "unicorn") throw new OutOfStock({ item: paid.order.item, paid })
    return paid
  }
)

export const ship = task("orders.ship", { input: [Paid], output: Shipped }, ({ order }) =>
  Shipped.make({ parcel: `${order.item} for ${order.customer}` })
)

export const refund = task(
  "orders.refund",
  { input: [OutOfStock], output: Refunded },
  async ({ item, paid }) => {
    await book(step().idempotencyKey, -paid.order.price)
    return Refunded.make({ amount: paid.order.price, because: `no ${item} left` })
  }
)

/** OutOfStock has a fallback, so it is gone from the type; CardDeclined has none, so the caller gets it. */
export const placeOrder = (
  order: Order
): Workflow<void, typeof Shipped.Type | typeof Refunded.Type, CardDeclined> =>
  recover(chain(charge(order), reserve(), ship()), { "orders.OutOfStock": refund() })
