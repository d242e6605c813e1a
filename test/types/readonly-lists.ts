/** Lists that cannot be changed fit where another library's contract takes some that can: what arrives is a copy. */
import * as Schema from "effect/Schema"
import * as v from "valibot"
import { z } from "zod"
import { chain, group, map, task } from "arpeggio"

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

export const fitting = [
  chain(map(one()), sum()),
  chain(group([1, 2].map((n) => one(n))), sum()),
  chain(made(), count())
]

// @ts-expect-error A list is no number.
export const unfit = chain(map(one()), one())
// @ts-expect-error And a record is no list.
export const neither = chain(made(), sum())
