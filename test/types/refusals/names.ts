/** What a reader sees when hovering: short interfaces in the user's own words. The errors show the same text. */
import { add, chain, fail, group, map, mul, sub } from "../dsl.ts"

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
