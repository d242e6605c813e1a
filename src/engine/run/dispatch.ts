/** Has the start of a run stored: alone, or together with the key that makes it the only one. */
import type { Json } from "../../define/plan.ts"
import type { Soon } from "../../define/awaitable.ts"
import type { AnyWorkflow } from "../../define/workflow.ts"
import { jsonText } from "../../define/json-text.ts"
import { isKeyed, type RunAddress } from "../../encode/subjects.ts"
import { dropDeadline, scheduleDeadline } from "./deadline.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { firstMessage, type FirstMessage } from "./first-message.ts"
import { nothing } from "../value.ts"
import type { Published } from "../../broker/broker.ts"
import { startUnder, type Claim, type KeyHeld } from "./idempotency-key.ts"

/** The message by which a run starts. */
export const firstMessageOf = (
  records: Records,
  workflow: AnyWorkflow,
  input: Json | undefined,
  run: RunFacts
): Soon<FirstMessage> => {
  const { plan } = workflow["~arpeggio"]
  const given = input === undefined ? nothing : { text: jsonText(input) }
  // The start of a keyed run is stored together with its key.
  return isKeyed(run.address)
    ? firstMessage({ records }, run, plan, given, { parent: null, again: false, together: true })
    : firstMessage({ records }, run, plan, given)
}

/**
 * Stores the start of a run, and answers with the run that counts: another one, where its key holds that; or with what has taken its key. When it resolves,
 * the work is in the stream. A deadline is stored first, whatever becomes of the start: so that no run is without the one it was given.
 */
export const dispatch = (
  records: Records,
  run: RunFacts,
  start: FirstMessage,
  claim?: Claim
): Promise<RunAddress | KeyHeld> =>
  run.deadline === undefined && claim === undefined && start.before === undefined
    ? publish(records, start).then(() => run.address)
    : dispatchWith(records, run, start, claim)

const dispatchWith = async (
  records: Records,
  run: RunFacts,
  start: FirstMessage,
  claim: Claim | undefined
): Promise<RunAddress | KeyHeld> => {
  const { address, deadline } = run
  if (deadline !== undefined) await scheduleDeadline(records, run, deadline)
  if (start.before !== undefined) await records.broker.publish(start.before)
  if (claim === undefined) {
    await publish(records, start)
    return address
  }
  const holder = await startUnder(records, run, claim, start)
  if (holder !== address) await forgo(records, run)
  return holder
}

/** Stores the start of a run whose id is new. */
const publish = ({ broker }: Records, first: FirstMessage): Promise<Published> => {
  // The id is ours alone, so that nothing can stand against a first try. If a later one is refused because the run has
  // ended, an earlier try was stored, and only its answer was lost.
  // Put together field by field, as every start comes by here: with a rest and a spread it costs its caller microseconds.
  const { subject, id, body, bodyAgain, unless: unlessAgain, fire } = first
  if (id !== undefined) {
    return broker.publish({ subject, id, body, bodyAgain, unlessAgain, begins: "run" })
  }
  const start = { subject, body, bodyAgain, unlessAgain, begins: "run" } as const
  return broker.publish(fire === undefined ? start : { ...start, fire })
}

/** Removes what was stored ahead of a start that was not, and that no timer removes soon. */
const forgo = async (records: Records, run: RunFacts): Promise<void> => {
  if (run.deadline !== undefined) await dropDeadline({ broker: records.broker, records }, run)
}
