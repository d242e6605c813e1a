/** What a worker does with a call that was made with another version of the task's contract, and does not fit its own. */
import type { TaskDefinition } from "../define/definition.ts"
import { inWords } from "../define/duration.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import { parseSubject } from "../encode/subjects.ts"
import type { Position } from "../engine/frame.ts"
import type { Delivery } from "../transport/broker.ts"
import type { Foreign } from "../engine/call/execution.ts"
import { leaveOrGiveUp, type Leaving } from "./unknown-task.ts"

/**
 * Leaves the call to a worker whose version fits, for as long as patience lasts. It costs no attempt: nothing has been
 * executed. In a rolling deploy such a worker stands beside this one, or comes with the next restart.
 */
export const handOn = async (
  options: Leaving,
  delivery: Delivery,
  at: Position,
  parcel: Parcel<CallMessage>,
  { name, fingerprint }: TaskDefinition,
  { why }: Foreign
): Promise<void> => {
  const { message } = parcel
  const queue = parseSubject(delivery.subject)?.queue ?? ""
  const made =
    message.fingerprint === fingerprint
      ? `the step before was executed with another version of its contract than the workflow was built with (${fingerprint}, as here)`
      : `the call was made with version ${message.fingerprint} of the contract, this worker has ${fingerprint}`
  const left = await leaveOrGiveUp(options, delivery, at, parcel, {
    name: "InvalidInput",
    message: `no worker whose contract of ${name} fits took the call from queue "${queue}" within ${inWords(options.patience)}: ${made}, and ${why}. Start a worker with the version it was made with, or mend the contract so that it takes both, then redrive the dead letter`
  })
  if (left === undefined) return
  options.log.foreign(name, message.fingerprint, why, left.wait)
  const stranger = {
    what: `calls of ${name} with another version of its contract`,
    queue,
    why: "do not fit the one that this worker has: start a worker with the version that they were made with, or mend the contract so that it takes both",
    afterwards: "once there is such a worker"
  }
  options.strangers.putBack(stranger, left)
}
