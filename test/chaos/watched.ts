/** What a process that is watched for minutes says of itself: a line of JSON every few seconds. */
import { PerformanceObserver, constants } from "node:perf_hooks"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { Worker, WorkerHealth } from "arpeggio"

/** How often it says something, in milliseconds. */
export const wordEvery = 5_000

/** The heap right after the collector went through all of it. */
export interface Collected {
  /** Epoch milliseconds. */
  readonly at: number
  readonly bytes: number
}

/** What a watched worker says. */
export interface WorkerWord {
  readonly collected: ReadonlyArray<Collected>
  readonly health: Pick<WorkerHealth, "counters" | "busy" | "leases" | "problems">
  /** What keeps a process alive or wakes it: timers, sockets, requests under way. */
  readonly handles: number
}

/** Has the collector go through all of it every so often: a process that has little to do would not, for a quarter of an hour. */
export const collectEvery = (milliseconds: number): void => {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void
  setInterval(collect, milliseconds).unref()
}

/**
 * Notes the heap after every full collection. The function it gives hands out
 * what was noted since it was last called.
 */
export const watchHeap = (): (() => ReadonlyArray<Collected>) => {
  let noted: Array<Collected> = []
  new PerformanceObserver((list) => {
    const full = list.getEntries().some((entry) => {
      const { kind } = (entry as unknown as { readonly detail: { readonly kind: number } }).detail
      return kind === constants.NODE_PERFORMANCE_GC_MAJOR
    })
    if (full) noted.push({ at: Date.now(), bytes: process.memoryUsage().heapUsed })
  }).observe({ entryTypes: ["gc"] })
  return () => {
    const told = noted
    noted = []
    return told
  }
}

export const watchWorker = (worker: Worker): void => {
  const collected = watchHeap()
  setInterval(() => {
    void worker.health().then(({ counters, busy, leases, problems }) => {
      const health = { counters, busy, leases, problems }
      const handles = process.getActiveResourcesInfo().length
      const word: WorkerWord = { collected: collected(), health, handles }
      process.stdout.write(`${JSON.stringify(word)}\n`)
      return undefined
    })
  }, wordEvery).unref()
}
