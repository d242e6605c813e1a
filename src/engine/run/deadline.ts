/** The timer of a run's deadline: in the broker, set before the run starts, gone when the run has ended. */
import type { CancelMessage } from "../../encode/message.ts"
import { packMessage } from "../../encode/codec.ts"
import { systemSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { commonOf } from "../sender.ts"
import { dropTimers, runTimer, setTimer, timerSubject } from "../timers.ts"

/** The timer of a run's deadline: set once, before the start, and again only by whoever is handed its fired call. */
const name = runTimer("deadline")

/** The call that it becomes when it fires. */
export const firedDeadlineOf = (namespace: string, address: RunAddress): string =>
  systemSubject(namespace, address, name.tokens[0])

/** Sets the timer of a run's deadline, epoch milliseconds by the broker's clock. */
export const scheduleDeadline = async (
  records: Records,
  run: RunFacts,
  deadline: number
): Promise<void> => {
  const message: CancelMessage = {
    ...commonOf(run),
    kind: "cancel",
    reason: "its deadline has passed",
    late: true
  }
  await setTimer(records, run.address, {
    name,
    time: deadline,
    target: firedDeadlineOf(records.namespace, run.address),
    body: packMessage(message)
  })
}

/** Removes the timer of a run that has ended, or was not started after all; answers with how many there were. */
export const dropDeadline = async (
  { broker, records }: Pick<Context, "broker" | "records">,
  { address }: RunFacts
): Promise<number> => {
  const set = await broker.count(timerSubject(records.namespace, address, name))
  if (set > 0) await dropTimers(records, address, name)
  return set
}

/** Whether a run has no more time. */
export const isLate = ({ broker }: Context, { deadline }: RunFacts): boolean =>
  deadline !== undefined && broker.now() >= deadline
