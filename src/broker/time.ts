/** Waiting by this process's own timers; for leases, patience and polls. What must survive the process lives in the broker. */

/** Milliseconds since some moment, by a clock that only goes on: the machine's own may be set by an hour at any moment. */
export const elapsed = (): number => performance.now()

/** Node's timers fire at once when asked for more than this, in milliseconds: nearly 25 days. */
const longestSleep = 2 ** 31 - 1

/** Calls back once, unless cancelled before. Does not keep the process alive. */
export const after = (milliseconds: number, callback: () => void): (() => void) => {
  let timer: NodeJS.Timeout
  const sleep = (left: number): void => {
    const turn = Math.min(left, longestSleep)
    timer = setTimeout(() => (left > turn ? sleep(left - turn) : callback()), turn)
    timer.unref()
  }
  sleep(milliseconds)
  return () => clearTimeout(timer)
}

/** Calls back again and again until cancelled. Does not keep the process alive. */
export const every = (milliseconds: number, callback: () => void): (() => void) => {
  const timer = setInterval(callback, milliseconds)
  timer.unref()
  return () => clearInterval(timer)
}

/** Whether the work is over within so many milliseconds, however it ends. Keeps the process alive until then. */
export const within = async (milliseconds: number, work: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  let giveUp: () => void = () => {}
  const late = new Promise<boolean>((resolve) => {
    giveUp = () => resolve(false)
    timer = setTimeout(giveUp, Math.min(Math.max(milliseconds, 0), longestSleep))
  })
  const over = (): boolean => true
  try {
    return await Promise.race([work.then(over, over), late])
  } finally {
    clearTimeout(timer)
    // A promise that stays open looks like something that the program waits for.
    giveUp()
  }
}

/** How much of so many milliseconds is left, asked now and again later. */
export const countdown = (milliseconds: number): (() => number) => {
  const end = performance.now() + milliseconds
  return () => Math.max(0, end - performance.now())
}

/** Since when this process has been running: epoch milliseconds, by the broker's clock. */
export const runningSince = (broker: { now(): number }): number =>
  Math.round(broker.now() - process.uptime() * 1_000)
