/** What a reader sees when hovering: short interfaces in the user's own words. The errors show the same text. */
import { z } from "zod"
import {
  add,
  always,
  app,
  chain,
  fail,
  group,
  ifFailed,
  map,
  mul,
  open,
  pass,
  place,
  recover,
  settle,
  sub,
  task,
  withInput
} from "../dsl.ts"

const Order = z.object({ id: z.string(), note: z.string().optional() })
const charge = task("order.charge", { input: [Order, z.number()], output: z.string() })
const refund = task("order.refund", { input: [z.object({ input: Order })], output: z.void() })

// expect: Type 'BoundTask<"math.add", [left: number, right: number], number, never, never>'
export const bound: never = add
// expect: Type 'Task<"math.sub", [number, number], number, never>'
export const declared: never = sub
// expect: Type 'Call<"math.mul", number, number, never>'
export const call: never = mul(3)
// expect: Type 'Workflow<void, number, Expected>'
export const steps: never = chain(add(1, 2), fail())
// expect: Type 'Workflow<number, [number, number], never>'
export const members: never = group(mul(1), mul(2))
// expect: Type 'Workflow<void, { sum: number; product: number; }, never>'
export const record: never = group({ sum: add(1, 2), product: mul(1, 2) })
// expect: Type 'Workflow<readonly number[], readonly number[], never>'
export const items: never = map(mul(1))
// expect: Type 'Call<"math.mul", number, number, never>'
export const part: never = mul.partial(3, open)
// expect: Type 'Call<"order.charge", number, string, never>'
export const chargeOf: never = charge.partial({ id: "a" }, open)
// expect: Type 'PartialCall<"math.mul", [left: number, right: number], readonly [left: number | Open, right: number | Open], number, never>'
export const partial: never = mul.partial
// expect: Type 'Pass<{ id: string; note?: string | undefined; }>'
export const passed: never = pass(Order)
// expect: Type 'Workflow<{ id: string; note?: string | undefined; }, { order: { id: string; note?: string | undefined; }; payment: string; }, never>'
export const beside: never = group({ order: pass(Order), payment: charge(5) })
// expect: Type 'Workflow<void, readonly number[], never>'
export const listed: never = group([1, 2].map((n) => add(n, 1)))
// expect: Type 'Workflow<unknown, [], never>'
export const none: never = group()
// expect: Type 'Workflow<{ readonly x: number; readonly y: number; }, Outcome<readonly number[], never>, never>'
export const deep: never = chain(place(), group(pass(z.number()), mul(3)), settle(map(add(1))))
// expect: Type 'Workflow<number, number, never>'
export const safe: never = recover(fail(), { Expected: mul(1, 2) })
// expect: Type 'Workflow<{ id: string; note?: string | undefined; }, string, never>'
export const undone: never = always(ifFailed(charge(5), withInput(refund())), add(1, 2))
// expect: Type 'WithInput<Call<"order.refund", { input: { id: string; note?: string | undefined; }; }, void, never>>'
export const given: never = withInput(refund())
// expect: Type 'Run<{ order: { id: string; note?: string | undefined; }; payment: string; }, never>'
export const run: never = await app.start(group({ order: pass(Order), payment: charge(5) }), {
  id: "a"
})
