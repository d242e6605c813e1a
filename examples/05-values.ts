/** What travels is the type: dates, options and classes arrive as what they are, after every hop. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { chain, connect, startWorker, task } from "arpeggio"

class Account extends Schema.Class<Account>("Account")({
  name: Schema.String,
  since: Schema.Date,
  invitedBy: Schema.Option(Schema.String),
  cents: Schema.BigInt
}) {
  get years(): number {
    return 2026 - this.since.getUTCFullYear()
  }
}

const open = task(
  "example.open",
  { input: [Schema.String, Schema.Date], output: Account },
  (name, since) => new Account({ name, since, invitedBy: Option.some("Grace"), cents: 0n })
)

const pay = task(
  "example.pay",
  { input: [Account, Schema.BigInt], output: Account },
  (account, cents) => new Account({ ...account, cents: account.cents + cents })
)

await using _worker = await startWorker([open, pay], { print: () => {} })
await using app = await connect()

const since = new Date("2019-05-04T12:00:00Z")
const account = await app.run(chain(open("Ada", since), pay(2n ** 64n), pay(1n)))

console.log("class", account instanceof Account, account.years)
console.log("date", account.since instanceof Date, account.since.toISOString())
console.log(
  "option",
  Option.getOrElse(account.invitedBy, () => "nobody")
)
console.log("bigint", account.cents)

// Output:
// class true 7
// date true 2019-05-04T12:00:00.000Z
// option Grace
// bigint 18446744073709551617n
