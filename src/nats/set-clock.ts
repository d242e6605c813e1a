/** What is said when somebody sets the broker's clock, and for how long. */
import { elapsed } from "../broker/time.ts"

export interface SetClock {
  /** The broker's clock was found to be set by so many milliseconds; back is less than zero. */
  readonly leapt: (by: number) => void
  /** What is wrong until the time from before has come again. */
  readonly problem: () => string | undefined
}

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1_000)} s`

export const makeSetClock = (server: string, say: (line: string) => void): SetClock => {
  /** By `elapsed`. */
  let until = -Infinity
  const back = (by: number): string =>
    `the clock of NATS at ${server} was set back by ${seconds(by)}. What waited for a moment goes on to wait for it, that much longer: retries, deadlines, and the calls of workers that died before. What begins now is not concerned. Set clocks in small steps (chrony and ntpd do).`
  return {
    leapt: (by) => {
      if (by < 0) until = Math.max(until, elapsed()) - by
      say(
        by < 0
          ? `arpeggio: ${back(-by)}`
          : `arpeggio: the clock of NATS at ${server} has gone on by ${seconds(by)} more than has passed here: somebody set it, or this machine slept. What waited for a moment until then is done at once: retries, deadlines, and calls whose workers gave no sign of life begin elsewhere; kept outcomes end that much earlier.`
      )
    },
    problem: () => {
      const left = until - elapsed()
      return left > 0
        ? `${back(left).replace("was set back by", "was set back, and is still behind by")}`
        : undefined
    }
  }
}
