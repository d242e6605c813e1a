/** Ends a run from outside. Cancel and completion race for the run's one outcome; the answer is whichever is stored. */
import { callSubject, systemQueue } from "../encode/subjects.ts"
import { type CancelMessage } from "../encode/message.ts"
import { packMessage } from "../encode/parcel.ts"
import { Closer } from "./closer.ts"
import { scheduleClearing } from "./collector.ts"
import type { Engine } from "./context.ts"
import { runPlace, type RunFacts } from "./frame.ts"
import type { Records } from "./records.ts"
import { commonOf, messageId } from "./sender.ts"

/** Stores the wish to cancel a run. A worker does it, so that what follows is done even if the asking process dies. */
export const requestCancel = async (
  records: Records,
  run: RunFacts,
  reason: string
): Promise<void> => {
  const message: CancelMessage = { ...commonOf(run), kind: "cancel", reason }
  const subject = callSubject(records.namespace, {
    ...run.address,
    queue: systemQueue,
    level: systemQueue,
    task: "_",
    node: "cancel",
    index: "_"
  })
  const id = messageId(run, "cancel")
  await records.broker.publish({ subject, id, body: packMessage(message) })
}

/** Commits `Cancelled`, unless the run has its outcome; then stops what runs and removes what is queued. */
export const cancel = async (engine: Engine, run: RunFacts, reason: string): Promise<void> => {
  const now = engine.broker.now()
  const { verdict } = await engine.records.commit(run, runPlace, {
    tag: "Cancelled",
    value: { text: JSON.stringify({ reason }) },
    step: "run",
    attempt: 1,
    worker: engine.worker,
    began: now,
    ended: now
  })
  if (verdict.tag === "Succeeded") return
  await scheduleClearing(engine, run)
  await new Closer(engine).endRun(run)
}
