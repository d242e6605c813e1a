/** The broker's clock, as seen from here. */
import type { Api } from "./api.ts"
import type { Link } from "./link.ts"
import type { StreamInfo } from "./topology.ts"

export interface BrokerClock {
  now(): number
  measure(): Promise<void>
  stop(): void
}

/** Compares clocks a few times and believes the quickest answer: half its round trip is the error. */
const samples = 3

/** An answer that took longer than this says too little about the clock. */
const slowest = 2_000

/** When this machine's clock is set by more, in milliseconds, the clocks are compared again. */
const leap = 500

/**
 * Between two comparisons time is what passes here, by a clock that nobody sets: the machine's own may be put right at any
 * moment, by as much as it was wrong.
 */
export const makeClock = (link: Link, api: Api, stream: string, every: number): BrokerClock => {
  let offset = Date.now() - performance.now()
  let drift = offset
  let comparing = false

  const measure = async (): Promise<void> => {
    let best = slowest
    for (let sample = 0; sample < samples; sample += 1) {
      const began = performance.now()
      const { ts } = await api<StreamInfo>(`STREAM.INFO.${stream}`, {}, "comparing clocks")
      const took = performance.now() - began
      const broker = Date.parse(ts)
      if (took >= best || Number.isNaN(broker)) continue
      best = took
      offset = broker + took / 2 - performance.now()
    }
  }

  // A failed comparison leaves the offset that was good before.
  const again = (): void => {
    if (comparing) return
    comparing = true
    drift = Date.now() - performance.now()
    void measure()
      .catch(() => undefined)
      .finally(() => {
        comparing = false
      })
  }
  const timer = setInterval(again, every).unref()
  const reconnected = link.onReconnect(again)
  return {
    now: () => {
      const here = performance.now()
      if (Math.abs(Date.now() - here - drift) > leap) again()
      // Whole milliseconds: what is measured is not more exact, and fractions cost bytes in every record.
      return Math.round(here + offset)
    },
    measure,
    stop: () => {
      clearInterval(timer)
      reconnected.stop()
    }
  }
}
