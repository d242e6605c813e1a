/** Signals by which waiting ends. */
import { getMaxListeners, setMaxListeners } from "node:events"

/** Where a signal was given no limit of its own, Node warns of more listeners than this. */
const usual = 10

/** Lets any number listen: a signal that bounds many questions at once is no leak, each lets go of it. */
export const forMany = (signal: AbortSignal): AbortSignal => {
  if (getMaxListeners(signal) === usual) setMaxListeners(0, signal)
  return signal
}
