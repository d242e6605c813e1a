/** A test without a server: a broker in memory, a worker and a client, all in this process. */
import assert from "node:assert/strict"
import { testApp } from "arpeggio/testing"
import { balance } from "../workflows/ledger.ts"
import { CardDeclined, charge, placeOrder, refund, reserve, ship } from "../workflows/orders.ts"

await using app = await testApp([charge, reserve, ship, refund])

const shipped = await app.run(placeOrder({ customer: "Ada", item: "lamp", price: 40 }))
assert.equal(shipped._tag, "Shipped")
assert.equal(balance(), 40)
console.log("a lamp is shipped")

const refunded = await app.run(placeOrder({ customer: "Ada", item: "unicorn", price: 900 }))
assert.equal(refunded._tag, "Refunded")
assert.equal(balance(), 40)
console.log("a unicorn is refunded")

const declined = app.run(placeOrder({ customer: "Mallory", item: "lamp", price: 40 }))
await assert.rejects(declined, CardDeclined)
assert.equal(balance(), 40)
console.log("Mallory is not charged")

// Output:
// a lamp is shipped
// a unicorn is refunded
// Mallory is not charged
