/** The runs of a schedule. */
import { derivedRun, newRun } from "../../encode/ids.ts"
import { scheduleSubject } from "../../encode/scheduled.ts"
import { storedPlan } from "../../encode/stored-plan.ts"
import { scheduleDeadline } from "../run/run-timers.ts"
import { dispatch, firstMessage } from "../run/first-message.ts"
import { standing } from "../run/status.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import type { Scheduled } from "./record.ts"

/** The outcome of a scheduled run is kept for at least so long, in milliseconds: whoever takes over its tick looks for it. */
const leastKept = 600_000

/** The run of a time; `stamp` is the moment in its id. */
export const runAt = (
  { address: { owner, instance }, message }: Scheduled,
  at: number,
  stamp: number
): RunFacts => ({
  address: { owner, instance, run: derivedRun(stamp, `${message.name}/${at}`) },
  keep: Math.max(message.keep, leastKept),
  scheduled: { name: message.name, at }
})

/** Whether anything of a run is stored. */
export const isStarted = async (records: Records, { address, keep }: RunFacts): Promise<boolean> =>
  (await standing(records, address, keep)) !== "unknown"

/** Stores the first message of a run, while the schedule's record is the one that was read; answers with whether it is stored. */
export const startAt = async (
  records: Records,
  { address, message, slots, sequence }: Scheduled,
  facts: RunFacts,
  again: boolean
): Promise<boolean> => {
  const { broker, namespace } = records
  const { deadline } = message
  const run: RunFacts =
    deadline === undefined
      ? facts
      : { ...facts, deadline: "at" in deadline ? deadline.at : broker.now() + deadline.after }
  if (run.deadline !== undefined) await scheduleDeadline(records, run, run.deadline)
  return records.refitting(async () => {
    const plan = storedPlan(slots[0]!)
    const given = { text: slots[1] ?? "null" }
    // It is stored on a condition, which a timer cannot have.
    const begins = { parent: null, again: false, together: true } as const
    const first = await firstMessage({ records }, run, plan, given, begins)
    const { subject, id, body, bodyAgain } = first
    const { stored } = await broker.publish({
      subject,
      ...(id === undefined ? {} : { id }),
      body: again ? bodyAgain(body) : body,
      bodyAgain,
      given: { subject: scheduleSubject(namespace, address), sequence },
      begins: "run"
    })
    return stored
  })
}

/** Starts what a schedule starts, now and besides its times; answers with the run. */
export const triggerSchedule = async (
  records: Records,
  { address: { owner, instance }, message: { name, keep, deadline }, slots }: Scheduled,
  input: string | undefined
): Promise<RunFacts> => {
  const now = records.broker.now()
  const run: RunFacts = {
    address: { owner, instance, run: newRun(now) },
    keep,
    scheduled: { name, at: now },
    ...(deadline === undefined
      ? {}
      : { deadline: "at" in deadline ? deadline.at : now + deadline.after })
  }
  await records.refitting(async () => {
    const given = { text: input ?? slots[1] ?? "null" }
    const first = await firstMessage({ records }, run, storedPlan(slots[0]!), given)
    await dispatch(records, run, first)
  })
  return run
}
