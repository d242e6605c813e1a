/** Says why a run has not ended: what is stored of it, and what workers say when they are asked. */
import { callOfTask } from "../plan/numbering.ts"
import type { AnyNode } from "../define/plan.ts"
import type { Answer } from "../encode/asked.ts"
import { kinds } from "../encode/kinds.ts"
import { recordSubject, runIdOf, type RunAddress } from "../encode/subjects.ts"
import { roughly, underWayOf, type Pending, type Records } from "../engine/index.ts"
import type { RunDescription, RunStatus, WaitingStep } from "../result/run.ts"
import { askWorkers } from "./ask-workers.ts"
import { isTooLate, reasonWords } from "./reason-words.ts"
import { fits, isAsked, isDeserted, isTaken, laneOf, reasonOf, type Workers } from "./reasons.ts"

/** What is worst comes first in the one sentence. */
const urgency = ["newer", "worker", "task", "answer", "retry", "slot", "handler", "time"]

/** `plan` is what the run does, where that is known. */
export const describe = async (
  records: Records,
  address: RunAddress,
  standing: () => Promise<RunStatus>,
  plan: AnyNode | undefined
): Promise<RunDescription> => {
  const run = runIdOf(address)
  const status = await standing()
  if (isOver(status)) return { run, status, waiting: [], more: 0, words: overWords(status) }
  const { steps, more, cancel } = await underWayOf(records, address)
  const pending = steps.map((step) => (step.queue === "" ? withQueue(step, plan) : step))
  const now = records.broker.now()
  const workers = await workersFor(records, address, pending)
  const told = await Promise.all(
    [...pending, ...carried(pending, workers.answers, now)].map((step) =>
      toldOf({ records, address, workers, now }, step)
    )
  )
  const waiting = told.flat()
  const canceled = cancel === undefined ? {} : { cancel: new Date(cancel) }
  const words = wordsOf(waiting, more, cancel === undefined ? undefined : now - cancel)
  return { run, status, ...canceled, waiting, more, words }
}

/** The queue that the plan names for a task. */
const withQueue = (step: Pending, plan: AnyNode | undefined): Pending => {
  if (plan === undefined) return step
  const found = callOfTask(plan, step.task)
  return found === undefined ? step : { ...step, queue: found.queue }
}

const workersFor = async (
  { broker }: Records,
  { owner, run }: RunAddress,
  pending: ReadonlyArray<Pending>
): Promise<Workers> => {
  const asked = pending.filter(isAsked)
  if (asked.length === 0) return { lanes: [], answers: [] }
  // Who may not list them hears what workers say.
  const lanes = await broker.lanes().catch(() => [])
  const queues = new Set(asked.map(({ queue }) => queue).filter((queue) => queue !== ""))
  const tasks = new Set(asked.map(({ task }) => task).filter((task) => task !== ""))
  const isSaid = (step: Pending, answers: ReadonlyArray<Answer>): boolean => {
    const lane = laneOf(lanes, step.queue)
    return isTaken(step, lane)
      ? answers.some(({ steps }) => steps.some((running) => running.step === step.step))
      : (lanes.length > 0 && isDeserted(lane)) || answers.some((answer) => fits(step, answer))
  }
  const enough = (answers: ReadonlyArray<Answer>): boolean =>
    asked.every((step) => isSaid(step, answers))
  const about = { owner, run, queues: [...queues], tasks: [...tasks] }
  return { lanes, answers: enough([]) ? [] : await askWorkers(broker, about, enough) }
}

/** Steps that run under the call of one before: there is no call of theirs. */
const carried = (
  pending: ReadonlyArray<Pending>,
  answers: ReadonlyArray<Answer>,
  now: number
): ReadonlyArray<Pending> =>
  answers
    .flatMap(({ steps }) => steps)
    .filter(({ step }) => !pending.some((known) => known.step === step))
    .map(({ step, task, attempt, lasts }) => ({
      step,
      task,
      attempt,
      queue: "",
      fingerprint: "",
      scopes: [],
      in: "queue",
      strange: false,
      since: now - lasts,
      sequence: 0
    }))

/** A run that is looked into. */
interface Looked {
  readonly records: Records
  readonly address: RunAddress
  /** What is known of those who may work on it. */
  readonly workers: Workers
  /** When; epoch milliseconds, broker clock. */
  readonly now: number
}

/** Nothing of a step that has ended, whose call is there until what follows is stored. */
const toldOf = async (
  { records: { broker, namespace }, address, workers, now }: Looked,
  pending: Pending
): Promise<ReadonlyArray<WaitingStep>> => {
  const reason = reasonOf(pending, workers)
  const counted = (node: string): Promise<number> =>
    broker.count(recordSubject(namespace, kinds.outcome, address, node, "*"))
  const { step, task, queue, attempt, until, scopes } = pending
  if (reason.for === "answer" && (await counted(step)) > 0) return []
  const ended = scopes[0] === undefined ? 0 : await counted(scopes[0])
  const since = reason.runs === undefined ? pending.since : now - reason.runs.lasts
  const group =
    ended === 0
      ? ""
      : `; ${ended} other${ended === 1 ? "" : "s"} of its group or map ${ended === 1 ? "has" : "have"} ended`
  return [
    {
      step,
      task,
      queue,
      attempt,
      since: new Date(since),
      for: reason.for,
      ...(reason.runs === undefined ? {} : { worker: reason.runs.worker }),
      ...(until === undefined ? {} : { until: new Date(until) }),
      ...(isTooLate(pending, reason, now) ? { expired: new Date(pending.expires!) } : {}),
      ...(scopes[0] === undefined ? {} : { ended }),
      words: `${reasonWords(pending, reason, now)}${group}`
    }
  ]
}

/** Whether nothing of the run can be under way. */
const isOver = (status: RunStatus): boolean => !["pending", "running", "retrying"].includes(status)

const overWords = (status: RunStatus): string => {
  if (status === "unknown") return "nothing is stored of it"
  if (status === "forgotten") return "it has ended, and its outcome is no longer kept"
  if (status === "newer") return "it has ended, with an outcome that a newer release stored"
  return `it has ended: ${status}`
}

const wordsOf = (
  waiting: ReadonlyArray<WaitingStep>,
  more: number,
  canceling: number | undefined
): string => {
  if (canceling !== undefined) {
    return `a cancel has been stored for ${roughly(canceling)}, and the first worker that comes carries it out`
  }
  const [first] = waiting.toSorted((a, b) => urgency.indexOf(a.for) - urgency.indexOf(b.for))
  if (first === undefined) return "nothing of it waits or runs at this moment, as between two steps"
  const besides = waiting.length - 1 + more
  return besides === 0
    ? first.words
    : `${first.words}; ${besides} more step${besides === 1 ? " is" : "s are"} under way`
}
