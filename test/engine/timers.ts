/** The timers of processes that died: in one process they outlive them, and thousands of plays would leave thousands. */

/** Runs something; whatever repeats and was begun meanwhile ends with it. Not for two at a time. */
export const withoutLeavingTimers = async <A>(work: () => Promise<A>): Promise<A> => {
  const begun: Array<NodeJS.Timeout> = []
  const { setInterval } = globalThis
  const noting = (...given: Parameters<typeof setInterval>): NodeJS.Timeout => {
    const timer = setInterval(...given)
    begun.push(timer)
    return timer
  }
  globalThis.setInterval = Object.assign(noting, setInterval)
  try {
    return await work()
  } finally {
    globalThis.setInterval = setInterval
    for (const timer of begun) clearInterval(timer)
  }
}
