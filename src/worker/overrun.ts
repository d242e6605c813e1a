/** Looks after handlers that go on although they were told to stop: they hold their slots, and the log says so. */
import type { CallMessage } from "../encode/message.ts"
import { after } from "../transport/time.ts"
import type { WorkerLog } from "./log.ts"
import type { Slot } from "./slots.ts"

/** A handler that stops when it is told to may need a moment for that, in milliseconds. */
const moment = 100

/** `ended` resolves when the handler has. */
export const lookAfter = (
  log: WorkerLog,
  slot: Slot,
  run: string,
  message: CallMessage,
  ended: Promise<unknown>
): void => {
  slot.runsOn(message.task, ended)
  const told = performance.now()
  let said = false
  const cancel = after(moment, () => {
    said = true
    log.overruns(run, message)
  })
  void ended.then(() => {
    cancel()
    if (said) log.overran(run, message, performance.now() - told)
  })
}
