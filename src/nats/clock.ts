/** The broker's clock, as seen from here. */
import { elapsed } from "../broker/time.ts"
import type { Api } from "./api.ts"
import type { Link } from "./connection.ts"
import type { Timing } from "./timing.ts"
import type { StreamInfo } from "./stream.ts"

export interface BrokerClock {
  now(): number
  /** The same, and nothing is asked because of it. */
  reading(): number
  measure(): Promise<void>
  /** The server has told its time; `began` says when it was asked, by `elapsed`. */
  heard(ts: string, began: number): void
  stop(): void
}

export interface ClockOptions {
  readonly link: Pick<Link, "onReconnect">
  readonly api: Api
  readonly stream: string
  readonly timing: Pick<Timing, "clock" | "glance">
  /** Hears by how many milliseconds the broker's clock was set; back is less than zero. */
  readonly leapt: (by: number) => void
}

/** Compares clocks a few times and believes the quickest answer: half its round trip is the error. */
const samples = 3

/** An answer as quick as this, in milliseconds, needs no other: times are whole milliseconds. */
const quick = 1

/** An answer that took longer than this says too little about the clock. */
const slowest = 2_000

/** When a clock is found to be set by more, in milliseconds, this machine's or the broker's, the clocks are compared again. */
const leap = 500

/** A broker's clock that was set by more than this is told of, in milliseconds: what is less is put right unnoticed. */
const noticeable = 2_000

/**
 * Between two comparisons time is what passes here, by a clock that nobody sets: the machine's own may be put right at any
 * moment, by as much as it was wrong. The broker's may be, too, and then retries and deadlines would be set for moments that
 * are an hour away: while the time is asked for, it is looked at again every `glance`.
 */
export const makeClock = ({ link, api, stream, timing, leapt }: ClockOptions): BrokerClock => {
  let offset = Date.now() - elapsed()
  let drift = offset
  let comparing = false
  let measured = false
  let lookedAt = elapsed()
  /** The connection was lost: it may be another server's clock. */
  let stale = false

  const ask = async (): Promise<{ readonly began: number; readonly ts: string }> => {
    const began = elapsed()
    const { ts } = await api<StreamInfo>(`STREAM.INFO.${stream}`, {}, "comparing clocks")
    return { began, ts }
  }
  const measure = async (): Promise<void> => {
    let best = slowest
    let found = offset
    for (let sample = 0; sample < samples; sample += 1) {
      const { began, ts } = await ask()
      const took = elapsed() - began
      const broker = Date.parse(ts)
      if (took >= best || Number.isNaN(broker)) continue
      best = took
      found = broker + took / 2 - elapsed()
      if (took <= quick) break
    }
    const by = found - offset
    offset = found
    if (measured && Math.abs(by) > noticeable) leapt(by)
    measured = true
  }

  // A failed comparison leaves the offset that was good before.
  const compare = (work: () => Promise<void>): void => {
    if (comparing) return
    comparing = true
    stale = false
    drift = Date.now() - elapsed()
    lookedAt = elapsed()
    void work()
      .catch(() => undefined)
      .finally(() => {
        comparing = false
      })
  }
  const again = (): void => compare(measure)
  /** Whether the broker told a time that it cannot have had between question and answer. */
  const isSet = (ts: string, began: number): boolean => {
    const broker = Date.parse(ts) - offset
    return broker < began - leap || broker > elapsed() + leap
  }
  const glance = (): void =>
    compare(async () => {
      const { ts, began } = await ask()
      if (isSet(ts, began)) await measure()
    })
  const timer = setInterval(again, timing.clock).unref()
  // Not at once: of ten thousand that come back together only those who have something to do ask for the time.
  const reconnected = link.onReconnect(() => {
    stale = true
  })
  // Whole milliseconds: what is measured is not more exact, and fractions cost bytes in every record.
  const at = (here: number): number => Math.round(here + offset)
  return {
    now: () => {
      const here = elapsed()
      if (stale || Math.abs(Date.now() - here - drift) > leap) again()
      else if (here - lookedAt > timing.glance) glance()
      return at(here)
    },
    reading: () => at(elapsed()),
    measure,
    heard: (ts, began) => {
      if (isSet(ts, began)) again()
    },
    stop: () => {
      clearInterval(timer)
      reconnected.stop()
    }
  }
}
