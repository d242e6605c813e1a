/** The end of a soak: every run is waited for, and then all that the broker still holds of them. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Stage } from "../stage.ts"
import { isEmpty, leftIn, type Left } from "./leftovers.ts"
import type { ClientProcess } from "./process.ts"

/** In milliseconds. */
const drainedWithin = 120_000
/** Inner records go two minutes after the end of their run; a look that finds something under way is repeated once. */
const collectedWithin = 330_000
/** What is there for longer is told. */
const slowCollection = 130_000

export const untilQuiet = async (client: ClientProcess): Promise<void> => {
  const until = Date.now() + drainedWithin
  client.pace({ perSecond: 0 })
  while ((await client.next()).underWay > 0 && Date.now() < until);
}

/** `within`: milliseconds after which what is left is left. */
export const untilEmpty = async (
  stage: Stage,
  within: number = collectedWithin
): Promise<{ left: Left; seconds: number }> => {
  const from = Date.now()
  for (;;) {
    const left = await leftIn(stage)
    const waited = Date.now() - from
    if (isEmpty(left) || waited > within) return { left, seconds: waited / 1_000 }
    if (waited > slowCollection) {
      stage.say(`still there: ${JSON.stringify(left.kinds)}, ${left.examples.join(" ")}`)
    }
    await sleep(waited > slowCollection ? 20_000 : 5_000)
  }
}
