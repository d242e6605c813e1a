/** Waiting by this process's own timers; for leases, patience and polls. What must survive the process lives in the broker. */

/** Calls back once, unless cancelled before. Does not keep the process alive. */
export const after = (milliseconds: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, milliseconds)
  timer.unref()
  return () => clearTimeout(timer)
}

/** Calls back again and again until cancelled. Does not keep the process alive. */
export const every = (milliseconds: number, callback: () => void): (() => void) => {
  const timer = setInterval(callback, milliseconds)
  timer.unref()
  return () => clearInterval(timer)
}
