/** For what a step waits, of what is stored and of what workers say. */
import { takesSame } from "../define/fingerprint.ts"
import type { Answer } from "../encode/asked.ts"
import type { WaitingStep } from "../result/run.ts"
import type { LaneState } from "../broker/broker.ts"
import type { Pending } from "../engine/index.ts"

/** What is known of who works. */
export interface Workers {
  readonly lanes: ReadonlyArray<LaneState>
  readonly answers: ReadonlyArray<Answer>
}

/** Why a step waits, and what there is to say of it. */
export interface Reason {
  readonly for: WaitingStep["for"]
  /** Workers that take from its queue. */
  readonly serving: ReadonlyArray<Answer>
  /** Where it runs, and for how long, in milliseconds. */
  readonly runs?: { readonly worker: string; readonly lasts: number }
  /** Whether the workers do its task, in another version. */
  readonly version?: boolean
  /** How many calls wait in its queue. */
  readonly calls?: number
}

export const laneOf = (lanes: ReadonlyArray<LaneState>, queue: string): LaneState | undefined =>
  lanes.find((lane) => lane.queue === queue)

/** Whether the call was handed to a worker before; what waits for its first turn has a larger number. */
export const isTaken = (pending: Pending, lane: LaneState | undefined): boolean =>
  pending.in === "queue" && lane !== undefined && pending.sequence <= lane.upTo

/** Whether no worker can be there: none asks for calls, and none has any. */
export const isDeserted = (lane: LaneState | undefined): boolean =>
  lane === undefined || (lane.asking === 0 && lane.out === 0)

/** Whether a worker does this step. A group or map is begun by any. */
export const fits = ({ task, queue, fingerprint }: Pending, { queues, tasks }: Answer): boolean => {
  if (queue !== "" && !queues.includes(queue)) return false
  const own = tasks[task]
  return task === "" || (own !== undefined && (fingerprint === "" || takesSame(own, fingerprint)))
}

/** For what a call waits in a timer of each kind: what only time ends needs no worker. */
const timed: {
  readonly [T in Exclude<Pending["in"], "queue">]: "retry" | "task" | "newer" | "time"
} = {
  retry: "retry",
  delay: "time",
  sleep: "time",
  parked: "task",
  newer: "newer"
}

/** What is known of a step before any worker is asked. */
const withoutWorkers = (pending: Pending): "retry" | "newer" | "time" | undefined => {
  if (pending.newer === true) return "newer"
  const reason = pending.in === "queue" ? "task" : timed[pending.in]
  return reason === "task" ? undefined : reason
}

/** Whether workers can say for what a step waits. */
export const isAsked = (pending: Pending): boolean => withoutWorkers(pending) === undefined

export const reasonOf = (pending: Pending, { lanes, answers }: Workers): Reason => {
  const { step, task, queue } = pending
  const serving = answers.filter(({ queues }) => queues.includes(queue))
  const known = withoutWorkers(pending)
  if (known !== undefined) return { for: known, serving }
  for (const { worker, steps } of answers) {
    const runs = steps.find((running) => running.step === step)
    if (runs !== undefined) return { for: "handler", serving, runs: { worker, lasts: runs.lasts } }
  }
  const isDone = answers.some((answer) => fits(pending, answer))
  const among = queue === "" ? answers : serving
  const version = among.some(({ tasks }) => tasks[task] !== undefined)
  if (pending.in !== "queue") return { for: "task", serving, version }
  const lane = laneOf(lanes, queue)
  const taken = isTaken(pending, lane)
  if (serving.length === 0) {
    if (lane !== undefined && lane.asking > 0) return { for: taken ? "answer" : "slot", serving }
    return {
      for: taken ? "answer" : isDeserted(lane) || lane?.out === 0 ? "worker" : "slot",
      serving
    }
  }
  if (!isDone) return { for: "task", serving, version }
  return taken && !pending.strange
    ? { for: "answer", serving }
    : { for: "slot", serving, ...(lane === undefined ? {} : { calls: lane.pending }) }
}
