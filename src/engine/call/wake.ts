/** Ends a sleep: by whoever is handed the message that its timer becomes. */
import type { SleepMessage } from "../../encode/message.ts"
import { awoken } from "../flow/sleeper.ts"
import type { Handling } from "./handling.ts"
import { isDecided, runIsOver } from "./recheck.ts"
import { mayBeKnown, type Incoming, positionOf } from "./job.ts"
import { buryRun } from "./hopeless.ts"

/** What arrived at it goes on, unless that was done before, or its scope has closed meanwhile. */
export const wake = async (handling: Handling, incoming: Incoming<SleepMessage>): Promise<void> => {
  const { engine, advancer } = handling
  const { delivery, run, message, slots } = incoming
  if (await runIsOver(engine, run)) return delivery.ack()
  const { plan, input, beginning } = awoken(message, slots, mayBeKnown(delivery, {}))
  const at = await positionOf(engine, run, message, plan)
  if (typeof at === "string") return buryRun(handling, incoming, at)
  const { kind } = at.frame.plan[at.node]!.node
  if (kind !== "sleep") {
    return buryRun(handling, incoming, `its plan has a ${kind} where it names a sleep`)
  }
  if (!(await isDecided(engine, advancer, at))) await advancer.wake(at, input, beginning)
  delivery.ack()
}
