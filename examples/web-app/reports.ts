/** What the web app asks for: contracts alone, so that it does not load what makes a report. */
import * as Schema from "effect/Schema"
import { chain, task } from "arpeggio"

export class NoSuchCustomer extends Schema.TaggedError<NoSuchCustomer>()("NoSuchCustomer", {
  customer: Schema.String
}) {}

export const Asked = Schema.Struct({
  customer: Schema.String,
  month: Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}$/))
})
export const Sales = Schema.Struct({ ...Asked.fields, cents: Schema.Array(Schema.Finite) })
export const Report = Schema.Struct({ title: Schema.String, total: Schema.Finite })

export const collect = task("reports.collect", {
  input: [Asked],
  output: Sales,
  errors: [NoSuchCustomer]
})
export const render = task("reports.render", { input: [Sales], output: Report })

/** Takes what was asked for; so `attach(id, report)` can read every run of it. */
export const report = chain(collect(), render())
