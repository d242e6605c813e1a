/** Has the start of a run stored: alone, or together with the key that makes it the only one. */
import type { Json } from "../define/plan.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import type { RunAddress } from "../encode/subjects.ts"
import { dropDeadline, scheduleDeadline } from "../engine/run/deadline.ts"
import type { RunFacts } from "../engine/frame.ts"
import type { Records } from "../engine/records.ts"
import { firstMessage } from "../engine/run/starter.ts"
import { nothing } from "../engine/value.ts"
import { KeyTaken } from "../result/failure.ts"
import type { Lane, Publication } from "../transport/broker.ts"
import { type Claim, startUnder } from "./claim.ts"

/** A run that is stored, and where its first call waits. */
export interface Dispatched {
  /** Of the run that was started, or that the key held already. */
  readonly address: RunAddress
  readonly lane: Lane
  readonly task: string
}

/** Stores the start of a run, under its key if it has one; when it resolves, the work is in the stream. */
export const dispatch = async (
  records: Records,
  workflow: AnyWorkflow,
  input: Json | undefined,
  run: RunFacts,
  claim?: Claim
): Promise<Dispatched> => {
  const { plan } = workflow["~arpeggio"]
  const given = input === undefined ? nothing : { text: JSON.stringify(input) }
  const first = firstMessage({ records }, run, plan, given, null)
  const { publication, lane, task } = first instanceof Promise ? await first : first
  // Before the start, so that no run is without the deadline it was given.
  if (run.deadline !== undefined) await scheduleDeadline(records, run, run.deadline)
  if (claim !== undefined) {
    return { address: await holderOf(records, run, publication, claim), lane, task }
  }
  // The id is ours alone, so that nothing can stand against a first try. If a later one is refused because the run has
  // ended, an earlier try was stored, and only its answer was lost.
  const { subject, id, body, bodyAgain, unless: unlessAgain } = publication
  await records.broker.publish({ subject, id, body, bodyAgain, unlessAgain })
  return { address: run.address, lane, task }
}

/** The run that has the key: this one, or the one that had it already. */
const holderOf = async (
  records: Records,
  run: RunFacts,
  start: Publication,
  claim: Claim
): Promise<RunAddress> => {
  const { address } = run
  const holder = await startUnder(records, run, claim, start).catch(async (cause: unknown) => {
    if (cause instanceof KeyTaken) await forgo(records, run)
    throw cause
  })
  if (holder !== address) await forgo(records, run)
  return holder
}

/** Removes what was stored ahead of a start that was not, and that no timer removes soon. */
const forgo = async (records: Records, run: RunFacts): Promise<void> => {
  if (run.deadline !== undefined) await dropDeadline({ broker: records.broker, records }, run)
}
