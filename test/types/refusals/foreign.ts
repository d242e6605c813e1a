/** Schemas of other libraries are refused where values would not arrive as they are; steps with them fit or do not as others. */
import * as Schema from "effect/Schema"
import { type } from "arktype"
import * as v from "valibot"
import { z } from "zod"
import { always, app, chain, group, ifFailed, pass, recover, task } from "../dsl.ts"

const { Finite } = Schema
const Order = z.object({ sku: z.string(), count: z.number().int() })
const OutOfStock = z.object({ _tag: z.literal("OutOfStock"), sku: z.string() })
const reserve = task("shop.reserve", { input: [Order], output: Finite, errors: [OutOfStock] })
const charge = task("shop.charge", { input: [v.object({ sku: v.string() })], output: v.number() })
const ship = task("shop.ship", { input: [type({ to: "string" }), z.string()], output: z.boolean() })

// expect: input[0] cannot travel: it transforms what it takes into something else, so it cannot be asked again where that arrives: describe what travels, and transform it in the handler
task("bad", { input: [z.string().transform((text) => text.length)], output: Finite })
// expect: output cannot travel: it transforms what it takes into something else, so it cannot be asked again where that arrives: describe what travels, and transform it in the handler
task("bad", { input: [Finite], output: v.pipe(v.string(), v.transform(Number)) })
// expect: input[0] cannot travel: it holds a Date, which JSON does not know: use a text or a number for it, or a schema of effect there
task("bad", { input: [z.date()], output: Finite })
// expect: input[1] cannot travel: it holds a Date, which JSON does not know: use a text or a number for it, or a schema of effect there
task("bad", { input: [Finite, z.object({ on: z.array(z.date().optional()) })], output: Finite })
// expect: output cannot travel: it holds a bigint, which JSON does not know: use a text or a number for it, or a schema of effect there
task("bad", { input: [Finite], output: v.object({ size: v.bigint() }) })
// expect: output cannot travel: it holds a Map, which JSON does not know: use a text or a number for it, or a schema of effect there
task("bad", { input: [Finite], output: z.map(z.string(), z.string()) })
// expect: input[0] cannot travel: it allows any value, also those that JSON would lose: say what is inside
task("bad", { input: [z.unknown()], output: Finite })
// expect: output cannot travel: it allows any value, also those that JSON would lose: say what is inside
task("bad", { input: [Finite], output: type("unknown") })
// expect: input[0] cannot travel: it allows any value, also those that JSON would lose: say what is inside
task("bad", { input: [z.any()], output: Finite })
// expect: input[0] cannot travel: it holds a function, which JSON does not know: describe it as data, which the handler acts on
task("bad", { input: [z.function()], output: Finite })
const declared = { input: [Finite], output: Finite } as const
// expect: errors[0] is not a schema: declare the error with Schema.TaggedError, or by a schema of zod or arktype with a literal _tag
task("bad", { ...declared, errors: [class Gone extends Error {}] })
// expect: errors is a list of Schema.TaggedError classes, or of schemas with a literal _tag
task("bad", { ...declared, errors: { OutOfStock } })
// @ts-expect-error -- what effect itself says of a part that is none of its schemas
const mixed = Schema.Struct({ order: Order })
// expect: this element of input holds a part that is no schema of effect, or is not known to be one: describe the whole with one library; each argument, the output and each error may have a library of its own
task("bad", { input: [mixed], output: Finite })
// expect: output holds a part that is no schema of effect, or is not known to be one: describe the whole with one library
task("bad", { input: [], output: mixed })
// expect: an error carries a _tag: give the schema one, a literal text
task("bad", { input: [Finite], output: Finite, errors: [z.object({ sku: z.string() })] })
// expect: the first element of input cannot be void, because nothing could be left for the step before: use a struct
task("bad", { input: [z.void()], output: Finite })
// expect: shop.reserve returns something else than its contract's output
task("shop.reserve", { input: [Order], output: z.number() }, ({ sku }) => sku)
// expect: shop.charge does not accept what shop.reserve returns
chain(reserve({ sku: "a", count: 1 }), charge())
// expect: shop.ship does not accept what shop.charge returns
chain(charge({ sku: "a" }), ship("home"))
// expect: shop.reserve does not fail with Gone
recover(reserve({ sku: "a", count: 1 }), { Gone: charge() })
// expect: Type 'string' is not assignable to type 'number'
void app.run(group({ one: reserve({ sku: "a", count: "1" }) }))

const Shelf = z.object({ shelf: z.string() })
const take = task("m.take", { input: [Order], output: Shelf, errors: [OutOfStock] })
const pay = task("m.pay", { input: [Order], output: z.string() })
const parts = { order: Order, shelf: Shelf, payment: z.string(), note: z.string().optional() }
const send = task("m.send", { input: [z.object(parts)], output: z.string() })
chain(group({ order: pass(Order), shelf: take(), payment: pay() }), send())
// expect: m.send does not accept what this workflow returns: that is a list, and an object is taken
chain(group(pass(Order), take(), pay()), send())
// expect: m.send does not accept what this workflow returns: it has no payment"
chain(group({ order: pass(Order), shelf: take() }), send())
// expect: m.send does not accept what this workflow returns: it has no «shelf or payment»"
chain(group({ order: pass(Order), shelv: take(), paid: pay() }), send())
// expect: m.send does not accept what this workflow returns: it differs in shelf"
chain(group({ order: pass(Order), shelf: pay(), payment: pay() }), send())
// expect: m.send does not accept what m.pay returns"
chain(pay(), send())
const day = task("m.day", { input: [Schema.Date], output: Finite })
// expect: m.day does not accept what m.take returns"
chain(take(), day())

const giveBack = task("m.give-back", { input: [z.object({ input: Order })], output: z.void() })
// expect: m.give-back does not accept the failure of m.take: write withInput(m.give-back(…)), by which it is given { failure, input }
ifFailed(take(), giveBack())
// expect: m.give-back does not accept the outcome of m.take: write withInput(m.give-back(…)), by which it is given { outcome, input }
always(take(), giveBack())
// expect: m.give-back does not accept the error OutOfStock: write withInput(m.give-back(…)), by which it is given { error, input }
recover(take(), { OutOfStock: giveBack() })
// expect: m.give-back does not accept the failure of m.take"
ifFailed(take({ sku: "a", count: 1 }), giveBack())
