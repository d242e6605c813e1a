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

export const makeClock = (link: Link, api: Api, stream: string, every: number): BrokerClock => {
  let offset = 0

  const measure = async (): Promise<void> => {
    let best = slowest
    for (let sample = 0; sample < samples; sample += 1) {
      const began = performance.now()
      const { ts } = await api<StreamInfo>(`STREAM.INFO.${stream}`, {}, "comparing clocks")
      const took = performance.now() - began
      const broker = Date.parse(ts)
      if (took >= best || Number.isNaN(broker)) continue
      best = took
      // Whole milliseconds, like both clocks: what is measured is not more exact, and fractions cost bytes in every record.
      offset = Math.round(broker + took / 2 - Date.now())
    }
  }

  // A failed comparison leaves the offset that was good before.
  const again = (): void => void measure().catch(() => undefined)
  const timer = setInterval(again, every).unref()
  const reconnected = link.onReconnect(again)
  return {
    now: () => Date.now() + offset,
    measure,
    stop: () => {
      clearInterval(timer)
      reconnected.stop()
    }
  }
}
