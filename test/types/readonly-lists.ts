/** Lists that cannot be changed fit where another library's contract takes some that can: what arrives is a copy. */
import * as Schema from "effect/Schema"
import * as v from "valibot"
import { z } from "zod"
import { always, chain, group, ifFailed, map, recover, task, withInput } from "arpeggio"

const one = task("readonly.one", { input: [z.number()], output: z.number() }, (n) => n)
const sum = task(
  "readonly.sum",
  { input: [z.array(z.number())], output: z.number() },
  (all) => all.length
)
const count = task(
  "readonly.count",
  { input: [v.object({ all: v.array(v.object({ n: v.number() })) })], output: z.number() },
  ({ all }) => all.length
)
const list = Schema.Struct({ all: Schema.Array(Schema.Struct({ n: Schema.Finite })) })
const made = task("readonly.made", { input: [], output: list }, () => ({ all: [] }))

const kept = task("readonly.kept", { input: [list], output: Schema.Finite })
const given = z.object({ input: z.object({ all: z.array(z.object({ n: z.number() })) }) })
const undo = task("readonly.undo", { input: [given], output: z.number() })
const wrong = z.object({ input: z.object({ all: z.array(z.string()) }) })
const other = task("readonly.other", { input: [wrong], output: z.number() })

export const fitting = [
  chain(map(one()), sum()),
  chain(group([1, 2].map((n) => one(n))), sum()),
  chain(made(), count()),
  ifFailed(kept(), withInput(undo())),
  always(kept(), withInput(undo())),
  recover(kept(), { Crashed: withInput(undo()) })
]

// @ts-expect-error A list is no number.
export const unfit = chain(map(one()), one())
// @ts-expect-error And a record is no list.
export const neither = chain(made(), sum())
// @ts-expect-error What stands in the list counts.
export const another = ifFailed(kept(), withInput(other()))
