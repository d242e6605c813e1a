/** Schemas of other libraries are refused where values would not arrive as they are; steps with them fit or do not as others. */
import * as Schema from "effect/Schema"
import { type } from "arktype"
import * as v from "valibot"
import { z } from "zod"
import { app, chain, group, recover, task } from "../dsl.ts"

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
