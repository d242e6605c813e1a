/** What the end of a run owes, done by whoever commits its outcome and again by whoever finds it: done twice, it changes nothing. */
import { Closer } from "../closer.ts"
import { scheduleClearing, scheduleCollection } from "./schedule.ts"
import type { Engine } from "../context.ts"
import type { RunFacts } from "../frame.ts"
import type { Verdict } from "../verdict.ts"

/** Sets the timer that collects the run; one that did not succeed may have calls under way, which are stopped. */
export const afterEnd = async (
  engine: Engine,
  run: RunFacts,
  outcome: Pick<Verdict, "tag" | "decided">
): Promise<void> => {
  if (outcome.tag === "Succeeded") return scheduleCollection(engine, run)
  await scheduleClearing(engine, run)
  await new Closer(engine).endRun(run, outcome)
}
