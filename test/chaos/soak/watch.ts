/** Samples the memory of the processes that live through the whole soak, and says which of them grow. */
import { grows, residentOf, trendOf, type Sample, type Trend } from "../memory.ts"

/** In milliseconds. */
const sampleEvery = 5_000

/** Of the soak, until the processes have what a steady load makes them hold: inner records alone stay for two minutes. */
const warmUp = 0.25

/** What was measured for less time says nothing of growth: heaps and the broker are still filling. In hours. */
const leastWatched = 10 / 60

export class MemoryWatch {
  readonly #began = Date.now()
  readonly #resident = new Map<string, Map<number, Array<Sample>>>()
  readonly #timer: NodeJS.Timeout

  /** `pids` names the processes; the broker has another process after each restart. */
  constructor(pids: () => Readonly<Record<string, number>>) {
    this.#timer = setInterval(() => {
      for (const [name, pid] of Object.entries(pids())) void this.#sample(name, pid)
    }, sampleEvery)
  }

  async #sample(name: string, pid: number): Promise<void> {
    const at = Date.now()
    const bytes = await residentOf(pid)
    if (bytes === undefined) return
    const processes = this.#resident.get(name) ?? new Map<number, Array<Sample>>()
    this.#resident.set(name, processes)
    const samples = processes.get(pid) ?? []
    processes.set(pid, samples)
    samples.push({ at, bytes })
  }

  /**
   * Stops, and fits the lines: of what is resident, and of heaps right after full collections. Of a program that was
   * restarted, the process counts that was there longest after the warm-up.
   */
  stop(heaps: Readonly<Record<string, ReadonlyArray<Sample>>>): {
    readonly memory: Readonly<Record<string, object>>
    readonly growing: ReadonlyArray<string>
  } {
    clearInterval(this.#timer)
    const now = Date.now()
    const from = this.#began + (now - this.#began) * warmUp
    const steady = (samples: ReadonlyArray<Sample>): ReadonlyArray<Sample> =>
      samples.filter(({ at }) => at >= from && at <= now)
    const series: Record<string, ReadonlyArray<Sample>> = {}
    for (const [name, processes] of this.#resident) {
      const each = [...processes.values()].map(steady)
      series[name] = each.reduce((most, one) => (one.length > most.length ? one : most), [])
    }
    for (const [name, samples] of Object.entries(heaps)) series[`${name}Heap`] = steady(samples)
    const hours = (now - this.#began) / 3_600_000
    const memory: Record<string, object> = {}
    const growing: Array<string> = []
    for (const [name, samples] of Object.entries(series)) {
      const trend = trendOf(samples)
      memory[name] = trend === undefined ? { samples: samples.length } : rounded(trend)
      if (trend === undefined || hours * (1 - warmUp) < leastWatched || !grows(trend, hours))
        continue
      growing.push(
        `${name} grows by ${Math.round(trend.slope)} MB an hour (at least ${Math.round(trend.low)}) from ${Math.round(trend.mean)} MB`
      )
    }
    return { memory, growing }
  }
}

/** In MB, and MB an hour. */
const rounded = ({ samples, mean, slope, low, high }: Trend): object => {
  const short = (value: number): number => Math.round(value * 10) / 10
  return {
    samples,
    mean: short(mean),
    slopePerHour: short(slope),
    interval: [short(low), short(high)]
  }
}
