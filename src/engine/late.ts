/** Ends a run whose deadline has passed, as a cancel would. */
import { startedAt } from "../encode/identity.ts"
import { runFilter, type Kind, type RunAddress } from "../encode/subjects.ts"
import { endFromOutside } from "./canceller.ts"
import type { Engine } from "./context.ts"
import type { RunFacts } from "./frame.ts"

/** What the timer of a deadline asks for, unless the run was never started. */
export const atDeadline = async (engine: Engine, run: RunFacts): Promise<void> => {
  if (await wasStarted(engine, run.address)) await endLate(engine, run)
}

/** Commits `TimedOut`, unless the run has its outcome, and stops what is under way. */
export const endLate = async (engine: Engine, run: RunFacts): Promise<void> => {
  const after = Math.max(0, (run.deadline ?? engine.broker.now()) - startedAt(run.address.run))
  await endFromOutside(engine, run, { tag: "TimedOut", value: { text: JSON.stringify({ after }) } })
}

/** Whether anything of the run is there besides the message of its deadline: its start may have been refused. */
const wasStarted = async ({ broker, records }: Engine, address: RunAddress): Promise<boolean> => {
  const held = (kind: Kind): Promise<number> =>
    broker.count(runFilter(records.namespace, kind, address))
  const calls = (await held("t")) > 1
  if (calls || (await held("s")) > 0) return true
  // A call that waited in a timer may have gone back to its queue between the two counts.
  return (await held("i")) > 0 || (await held("t")) > 1
}
