/** What sleeps and times leave of the types around them. */
import { add, chain, group, log, mul, shout, size, sleep, type Workflow } from "./dsl.ts"

export const between: Workflow<void, number> = chain(add(1, 2), sleep("1 second"), mul(3))
export const before: Workflow<void, number> = chain(sleep(new Date()), add(1, 2))
export const open: Workflow<number, number> = chain(sleep("1 second"), mul(3), sleep("1 second"))
export const behind: Workflow<string, string> = chain(shout(), sleep("1 second"))
export const beside: Workflow<number, [number, void]> = group(mul(3), sleep("1 second"))
export const named: Workflow<void, { readonly a: number; readonly b: void }> = group({
  a: add(1, 2),
  b: sleep("1 second")
})
export const alone: Workflow<void, [void]> = group(sleep("1 second"))
export const list: Workflow<string, number> = chain(
  shout(),
  sleep("1 second"),
  size(),
  sleep(0),
  mul(1)
)
export const timed: Workflow<number, void> = log().with({
  delay: "10 seconds",
  expires: { minutes: 5 },
  key: "one",
  deadline: "1 hour"
})
export const moments = add(1, 2).with({ eta: new Date(), expires: new Date() }).with({ delay: 0 })
