/** Who makes the reports. Start as many as there is work for. */
import { implement, serve } from "arpeggio"
import { collect, NoSuchCustomer, render } from "./reports.ts"

const sales = new Map([["acme", [1_200, 800, 990]]])

const collecting = implement(collect, (asked) => {
  const cents = sales.get(asked.customer)
  if (cents === undefined) throw new NoSuchCustomer({ customer: asked.customer })
  return { ...asked, cents }
})
const rendering = implement(render, ({ customer, month, cents }) => ({
  title: `${customer} in ${month}`,
  total: cents.reduce((sum, each) => sum + each, 0)
}))

await serve([collecting, rendering])
