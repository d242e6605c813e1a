/** Has the start of a run stored: alone, or together with the key that makes it the only one. */
import type { Json } from "../define/plan.ts"
import type { Soon } from "../define/soon.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { jsonText } from "../define/json-text.ts"
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import { dropDeadline, scheduleDeadline } from "../engine/run/deadline.ts"
import type { RunFacts } from "../engine/frame.ts"
import type { Records } from "../engine/records.ts"
import { firstMessage, type FirstMessage } from "../engine/run/starter.ts"
import { nothing } from "../engine/value.ts"
import { KeyTaken } from "../result/failure.ts"
import type { Published } from "../transport/broker.ts"
import { BrokerError } from "../transport/failure.ts"
import { type Claim, startUnder } from "./claim.ts"

/** The message by which a run starts. */
export const firstMessageOf = (
  records: Records,
  workflow: AnyWorkflow,
  input: Json | undefined,
  run: RunFacts
): Soon<FirstMessage> => {
  const { plan } = workflow["~arpeggio"]
  const given = input === undefined ? nothing : { text: jsonText(input) }
  return firstMessage({ records }, run, plan, given)
}

/**
 * Stores the start of a run, and answers with the run that counts: another one, where its key holds that. When it resolves,
 * the work is in the stream. A deadline is stored first, whatever becomes of the start: so that no run is without the one it was given.
 */
export const dispatch = (
  records: Records,
  run: RunFacts,
  start: FirstMessage,
  claim?: Claim
): Promise<RunAddress> =>
  run.deadline === undefined && claim === undefined
    ? publish(records, start).then(() => run.address)
    : dispatchWith(records, run, start, claim)

const dispatchWith = async (
  records: Records,
  run: RunFacts,
  start: FirstMessage,
  claim: Claim | undefined
): Promise<RunAddress> => {
  const { address, deadline } = run
  if (deadline !== undefined) await scheduleDeadline(records, run, deadline)
  if (claim === undefined) {
    await publish(records, start)
    return address
  }
  const holder = await startUnder(records, run, claim, start).catch(async (cause: unknown) => {
    if (cause instanceof KeyTaken) await forgo(records, run)
    throw cause
  })
  if (holder !== address) await forgo(records, run)
  return holder
}

/** Stores the start of a run whose id is new. */
const publish = (
  { broker }: Records,
  { subject, unless, id, body, bodyAgain }: FirstMessage
): Promise<Published> =>
  // The id is ours alone, so that nothing can stand against a first try. If a later one is refused because the run has
  // ended, an earlier try was stored, and only its answer was lost.
  broker.publish({ subject, id, body, bodyAgain, unlessAgain: unless, begins: "run" })

/** Says which run it is that may have been started, where that is not known. */
export const inDoubt = (cause: unknown, address: RunAddress, key?: string): unknown => {
  if (!(cause instanceof BrokerError) || cause.reason !== "Unknown") return cause
  const run = JSON.stringify(runIdOf(address))
  const next =
    key === undefined
      ? `attach(${run}, workflow).status() says which, and the run goes on if it is. Started again, it may run twice; with a key (workflow.with({ key })) it cannot.`
      : `Start it again with the same key: that gives the run that is stored, or starts it now.`
  const message = `${cause.message} It was the start of run ${run}, which is perhaps stored. ${next}`
  return new BrokerError({ reason: "Unknown", message })
}

/** Removes what was stored ahead of a start that was not, and that no timer removes soon. */
const forgo = async (records: Records, run: RunFacts): Promise<void> => {
  if (run.deadline !== undefined) await dropDeadline({ broker: records.broker, records }, run)
}
