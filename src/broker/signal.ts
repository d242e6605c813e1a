/** Signals by which waiting ends. */
import { getMaxListeners, setMaxListeners } from "node:events"

/** Where a signal was given no limit of its own, Node warns of more listeners than this. */
const usual = 10

/** Whoever waits for more at once under one signal has a leak after all. */
const many = 10_000

const limitOf = (signal: AbortSignal): number => {
  try {
    return getMaxListeners(signal)
  } catch {
    // So Node 20 says that there is none.
    return 0
  }
}

/** Lets many listen: a signal that bounds all questions of a program at once is no leak, as each lets go of it. */
export const forMany = (signal: AbortSignal): AbortSignal => {
  if (limitOf(signal) === usual) setMaxListeners(many, signal)
  return signal
}
