/** How a worker is doing: what a client would say, and whether its loops really take calls. */
import type { Health } from "../broker/health.ts"
import type { NoRoom } from "../engine/index.ts"
import type { Counters } from "./counters.ts"

/** One queue that a worker takes calls from; `_` carries what runs need besides their tasks. */
export interface LaneHealth {
  /** The name of the queue. */
  readonly queue: string
  /** Calls executed at a time. */
  readonly slots: number
  /** Calls that are executed now. */
  readonly busy: number
  /** Those among them whose outcome is decided (timed out, cancelled, lost) while the handler goes on: each holds its slot until it ends. */
  readonly overrunning: number
  /** No slot is free: nothing is asked for, and that is no problem. */
  readonly full: boolean
  /** When the broker last answered or confirmed that calls are asked for: epoch milliseconds, this machine's clock. */
  readonly pulledAt?: number
  /** Why nothing is taken from it, when that is not for want of calls, of slots or of a connection. */
  readonly problem?: string
}

/** How the event loop of the worker's process has been turning. */
export interface EventLoopHealth {
  /** The longest stretch without a turn since the worker started, in milliseconds. */
  readonly longest: number
  /** When that ended: epoch milliseconds. Absent until there was one. */
  readonly at?: number
}

/** How a worker is doing. */
export interface WorkerHealth extends Health {
  /** The name of the worker, as outcomes and logs have it. */
  readonly worker: string
  /** `draining`: it takes nothing more and waits for what runs. `drained`: it has stopped. */
  readonly state: "working" | "draining" | "drained"
  /** Handlers running now. */
  readonly busy: number
  /** Those among them that were told to stop and have not ended. */
  readonly overrunning: number
  /** Calls held, whose leases are kept alive. */
  readonly leases: number
  /** The queues it takes calls from. */
  readonly lanes: ReadonlyArray<LaneHealth>
  /** How the event loop of its process has been turning. */
  readonly eventLoop: EventLoopHealth
  /** What it has seen of what should be rare. */
  readonly counters: Readonly<Counters>
}

/** A lane that stands still without reason is a problem of the whole worker; `troubles` are what it has seen besides. */
export const workerHealth = (
  health: Health,
  troubles: ReadonlyArray<string>,
  {
    notes,
    noRoom,
    ...worker
  }: Omit<WorkerHealth, keyof Health> & {
    readonly notes: ReadonlyArray<string>
    readonly noRoom: NoRoom["problem"]
  }
): WorkerHealth => {
  const { lanes, state } = worker
  const stuck =
    state === "working"
      ? [
          ...lanes.flatMap(({ queue, problem }) =>
            problem === undefined ? [] : [`no calls are taken from queue "${queue}": ${problem}`]
          ),
          ...troubles
        ]
      : []
  const full = lanes
    .filter((lane) => lane.full && lane.overrunning < lane.slots)
    .map(
      ({ queue, slots }) =>
        `queue "${queue}": all ${slots} slots are busy, so nothing more is taken until one comes free`
    )
  const overrunning = lanes.flatMap(({ queue, slots, overrunning: some }) =>
    some > 0 && some < slots
      ? [
          `queue "${queue}": ${some} of ${slots} slots ${some === 1 ? "is held by a handler that was" : "are held by handlers that were"} told to stop and ${some === 1 ? "goes" : "go"} on; the log says which`
        ]
      : []
  )
  const leaving = state === "working" ? [] : [`the worker is ${state} and takes no more calls`]
  // The broker's own problem says why already.
  const why = health.problems.length > 0 ? "" : `. ${noRoom?.why}`
  const kept = noRoom === undefined ? [] : [`${noRoom.words}${why}`]
  const problems = [...health.problems, ...kept, ...stuck]
  return {
    ...health,
    ...worker,
    ok: problems.length === 0,
    problems,
    notes: [...health.notes, ...full, ...overrunning, ...notes, ...leaving]
  }
}
