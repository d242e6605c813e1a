/** Ends a run whose deadline has passed, as a cancel would. */
import { startedAt } from "../../encode/ids.ts"
import { kinds } from "../../encode/kinds.ts"
import { runFilter, type RunAddress } from "../../encode/subjects.ts"
import { endFromOutside } from "./cancel.ts"
import type { Context } from "../context.ts"
import { firedDeadlineOf, scheduleDeadline } from "./deadline.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { looksOf } from "./looks.ts"
import { hasStart } from "./first-message-record.ts"
import { isUnderWay } from "./under-way.ts"

/** How long a start may take from the making of its id until it is stored, in milliseconds. */
const startWithin = 60_000

/** How soon to look again for a start that is not stored yet, in milliseconds. */
const lookAgainAfter = 5_000

/** What the timer of a deadline asks for, unless the run was never started, or has ended so long ago that its outcome is gone. */
export const atDeadline = async (engine: Context, run: RunFacts): Promise<void> => {
  const { records } = engine
  const now = engine.broker.now()
  const age = now - startedAt(run.address.run)
  const { namespace } = records
  // Whoever looks after a run may do so after what was stored ahead of a start that was refused.
  const asking = [firedDeadlineOf(namespace, run.address), looksOf(namespace, run.address)]
  if (await isUnderWay(records, run.address, asking)) return endLate(engine, run)
  if (age > run.keep) return
  if (await hasBegun(records, run.address)) return endLate(engine, run)
  // The timer is stored before the start, which may be on its way to a queue that nobody serves.
  if (age >= startWithin) return
  await scheduleDeadline(engine.records, run, now + lookAgainAfter)
}

/** Commits `TimedOut`, unless the run has its outcome, and stops what is under way. */
export const endLate = async (engine: Context, run: RunFacts): Promise<void> => {
  const after = Math.max(0, (run.deadline ?? engine.broker.now()) - startedAt(run.address.run))
  await endFromOutside(engine, run, { tag: "TimedOut", value: { text: JSON.stringify({ after }) } })
}

/** Whether anything is kept of the run besides the message of its deadline: its start may have been refused. */
const hasBegun = async (records: Records, address: RunAddress): Promise<boolean> => {
  const { broker, namespace } = records
  const inner = await broker.count(runFilter(namespace, kinds.outcome, address))
  return inner > 0 || hasStart(records, address)
}
