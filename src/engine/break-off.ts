/** Ends a run that cannot go on, whatever of it is under way. */
import type { Decided } from "../encode/message.ts"
import { Closer } from "./closer.ts"
import { scheduleCollection } from "./collector.ts"
import type { Engine } from "./context.ts"
import { commitRun } from "./committer.ts"
import type { RunFacts } from "./frame.ts"
import { crashText } from "./verdict.ts"

/** Commits a crash as the outcome of the run, unless it has one. */
export const breakOff = async (
  engine: Engine,
  run: RunFacts,
  why: string,
  at: Pick<Decided, "step" | "task">
): Promise<void> => {
  const now = engine.broker.now()
  await commitRun(engine, run, {
    tag: "Crashed",
    value: { text: crashText("CannotContinue", why) },
    step: at.step,
    attempt: 1,
    worker: engine.worker,
    began: now,
    ended: now,
    decided: { ...at, attempt: 1, place: "" }
  })
  await scheduleCollection(engine, run)
  await new Closer(engine).endRun(run)
}
