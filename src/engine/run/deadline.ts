/** The timer of a run's deadline: in the broker, set before the run starts, gone when the run has ended. */
import type { CancelMessage } from "../../encode/message.ts"
import { packMessage } from "../../encode/parcel.ts"
import { recordSubject, systemSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Engine } from "../context.ts"
import type { RunFacts } from "../frame.ts"
import type { Records } from "../records.ts"
import { commonOf } from "../sender.ts"

/** The timer of a run's deadline. */
const deadlineTimerOf = (namespace: string, address: RunAddress): string =>
  recordSubject(namespace, "s", address, "deadline")

/** The call that it becomes when it fires. */
export const firedDeadlineOf = (namespace: string, address: RunAddress): string =>
  systemSubject(namespace, address, "deadline")

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
  await records.broker.publish({
    subject: deadlineTimerOf(records.namespace, run.address),
    body: packMessage(message),
    fire: { time: deadline, target: firedDeadlineOf(records.namespace, run.address) }
  })
}

/** Removes the timer of a run that has ended, or was not started after all; answers with how many there were. */
export const dropDeadline = async (
  { broker, records }: Pick<Engine, "broker" | "records">,
  { address }: RunFacts
): Promise<number> => {
  const timer = deadlineTimerOf(records.namespace, address)
  const set = await broker.count(timer)
  if (set > 0) await broker.purge(timer)
  return set
}

/** Whether a run has no more time. */
export const isLate = ({ broker }: Engine, { deadline }: RunFacts): boolean =>
  deadline !== undefined && broker.now() >= deadline
