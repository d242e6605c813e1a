/** An order goes through charge, reserve and ship; a fallback gives the money back when nothing is left. */
import { connect, startWorker } from "arpeggio"
import { balance } from "../workflows/ledger.ts"
import { CardDeclined, charge, placeOrder, refund, reserve, ship } from "../workflows/orders.ts"

await using _worker = await startWorker([charge, reserve, ship, refund], { print: () => {} })
await using app = await connect()

const orders = [
  { customer: "Ada", item: "lamp", price: 40 },
  { customer: "Grace", item: "unicorn", price: 900 },
  { customer: "Mallory", item: "lamp", price: 40 }
]

for (const order of orders) {
  try {
    const answer = await app.run(placeOrder(order))
    if (answer._tag === "Shipped") console.log(`shipped: ${answer.parcel}`)
    else console.log(`refunded: ${answer.amount}, ${answer.because}`)
  } catch (error) {
    if (!(error instanceof CardDeclined)) throw error
    console.log(`declined: the card of ${error.customer}`)
  }
}
console.log(`balance: ${balance()}`)

// Output:
// shipped: lamp for Ada
// refunded: 900, no unicorn left
// declined: the card of Mallory
// balance: 40
