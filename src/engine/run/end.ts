/** What the end of a run owes, done by whoever commits its outcome and again by whoever finds it: done twice, it changes nothing. */
import { type AnyNode, isCall } from "../../define/plan.ts"
import { isKeyed } from "../../encode/subjects.ts"
import { Closer } from "../flow/closer.ts"
import { scheduleClearing, scheduleCollection } from "./schedule.ts"
import type { Context } from "../context.ts"
import { rootFrame, type Frame, type RunFacts } from "../flow/position.ts"
import { dropDeadline } from "./deadline.ts"
import { endTimers } from "../timers.ts"
import type { Verdict } from "../verdict.ts"

/** Sets the timer that collects the run; one that did not succeed may have calls under way, which are stopped. */
export const afterEnd = async (
  engine: Context,
  run: RunFacts,
  outcome: Pick<Verdict, "tag" | "decided">
): Promise<void> => {
  if (outcome.tag === "Succeeded") return scheduleCollection(engine, run)
  await scheduleClearing(engine, run)
  await new Closer(engine).endRun(run, outcome)
}

/** What follows the end of a frame that nothing is around. A run of one call that nobody could see twice owes nothing. */
export const endRun = (
  engine: Context,
  { id, plan, run }: Frame,
  { verdict, again }: { readonly verdict: Verdict; readonly again: boolean }
): Promise<void> | undefined => {
  const composite = id !== rootFrame || plan.length > 1 || !isCall(plan[0]!.node)
  const alone = !composite && !again && verdict.attempt === 1 && !isKeyed(run.address)
  if (!alone || !("text" in verdict.value)) return afterEnd(engine, run, verdict)
  // What was to end it in time goes with it.
  if (expires(plan[0]!.node)) return endTimers(engine.records, run.address)
  if (run.deadline === undefined) return undefined
  return dropDeadline(engine, run).then(() => undefined)
}

const expires = (node: AnyNode): boolean => isCall(node) && node.expires !== undefined
