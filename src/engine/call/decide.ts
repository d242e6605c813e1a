/** How one execution of a call can end, and what becomes of the call then and when its outcome is stored: pure decisions, which store nothing. */
import { randomInt } from "node:crypto"
import { follows, waitAfter, type RetryPolicy } from "../../define/retry.ts"
import type { Committed, Verdict } from "../verdict.ts"
import type { Job, Call } from "./job.ts"
import type { Context } from "../context.ts"
import { describePosition } from "../flow/position.ts"
import type { TaskDefinition } from "../../define/definition.ts"
import type { OtherContract } from "../../encode/value-ref.ts"
import { givesSame } from "../../define/fingerprint.ts"

/** How an execution ended that has an outcome, or nearly: of one whose scope has closed it is `Cancelled`. */
export type Ended = Exclude<Execution, { readonly as: "plan" | "foreign" }>

export type Decision =
  /** Another worker has it: nothing is stored, and nothing acked, which would take it from that one. */
  | { readonly do: "let go" }
  /** This worker stops: the call goes back to its queue. */
  | { readonly do: "give back" }
  /** It is for a worker with another version of the contract: parked, or given up when patience is over. */
  | { readonly do: "hand over"; readonly foreign: Foreign }
  /** The workflow that was returned takes its place. */
  | { readonly do: "expand"; readonly plan: string }
  /** Another attempt follows, after so many milliseconds. */
  | { readonly do: "retry"; readonly failure: FailedExecution; readonly wait: number }
  /** Its outcome is committed; first, of arguments that never fit, with these words as a dead letter. */
  | { readonly do: "commit"; readonly ended: Ended; readonly letter?: string }

/** `random`: from 0 up to 1, so that those that failed together are not tried again together. */
export const decide = (
  job: Pick<Job, "message" | "task">,
  execution: Execution,
  hints: Hints,
  random: () => number = spread
): Decision => {
  switch (execution.as) {
    case "value":
      return { do: "commit", ended: execution }
    case "plan":
      return { do: "expand", plan: execution.text }
    case "foreign":
      return { do: "hand over", foreign: execution }
    case "stopped":
      if (execution.reason === "closing") return { do: "commit", ended: execution }
      return { do: execution.reason === "lost" ? "let go" : "give back" }
    case "crashed":
      if (execution.misfit !== true) break
      return { do: "commit", ended: execution, letter: wordsIn(execution.text) }
  }
  const wait = nextAttempt(job, execution, hints, random)
  return wait === undefined
    ? { do: "commit", ended: execution }
    : { do: "retry", failure: execution, wait }
}

/** What becomes of it in time: an attempt that could not begin before the call expires is not waited for, and the failure stands. */
export const inTime = (
  { message }: Pick<Job, "message">,
  decision: Decision,
  now: number
): Decision => {
  const { expires } = message.times ?? {}
  return expires === undefined || decision.do !== "retry" || now + decision.wait < expires
    ? decision
    : { do: "commit", ended: decision.failure }
}

/**
 * What follows when a step has its outcome, this execution's (`ours`) or another's. `again`: somebody may have done the same
 * before. `next`: the job that this worker may go on with, which then follows.
 */
export const whatFollows = <J>(
  ended: Ended,
  ours: boolean,
  again: boolean,
  next: J | undefined
): J | "advance" | "advance again" | "nothing" => {
  if (ours && next !== undefined) return next
  // Whoever closed the scope does what follows; unless it was an execution of this very call, and died.
  if (ours && ended.as === "stopped") return "nothing"
  return again || !ours ? "advance again" : "advance"
}

/** Whether what this execution gave counts for nothing; not so where only the answer to its own write was lost. */
export const isFenced = (ended: Ended, offered: Verdict, { verdict, ours }: Committed): boolean => {
  if (ours || ended.as === "stopped") return false
  return verdict.worker !== offered.worker || verdict.began !== offered.began
}

const spread = (): number => randomInt(1_000_000) / 1_000_000

const wordsIn = (crash: string): string =>
  (JSON.parse(crash) as { readonly message: string }).message

const tags = { crashed: "Crashed", timedOut: "TimedOut" } as const

/** Milliseconds until the next attempt, or `undefined` when there is none. */
const nextAttempt = (
  { message, task }: Pick<Job, "message" | "task">,
  execution: FailedExecution,
  hints: Hints,
  random: () => number
): number | undefined => {
  const { attempt } = message
  const policy: RetryPolicy | undefined = message.policy?.retry ?? task.retry
  if (policy === undefined || hints.never || attempt > policy.times) return undefined
  const tag = execution.as === "failed" ? tagOf(execution.text) : tags[execution.as]
  // What a call says takes the place of what its contract lists.
  const byClass =
    execution.as === "crashed" && execution.listed === true && policy.classes !== undefined
  if (!byClass && !follows(policy, tag, execution.as === "failed")) return undefined
  return hints.wait ?? waitAfter(policy, attempt, random())
}

const tagOf = (text: string): string => {
  const error = JSON.parse(text) as { readonly _tag?: unknown }
  return String(error._tag)
}

/** Why a handler was told to stop. */
export type StopReason = "closing" | "draining" | "lost"

/** How an execution ended; texts are JSON. */
export type Execution =
  | { readonly as: "value"; readonly text: string }
  | FailedExecution
  | { readonly as: "plan"; readonly text: string }
  | { readonly as: "stopped"; readonly reason: StopReason }
  /** Not begun: the call is for a worker with another version of the contract. */
  | Foreign

/** An execution that another attempt may follow. */
export type FailedExecution =
  | { readonly as: "failed"; readonly text: string }
  | Crashed
  | { readonly as: "timedOut"; readonly text: string }

/** The handler threw something that its contract does not declare, or could not be called. */
export interface Crashed {
  readonly as: "crashed"
  readonly text: string
  /** The arguments do not fit the contract, so another attempt would end the same way. */
  readonly misfit?: true
  /** The class of what was thrown is among those that the contract retries. */
  readonly listed?: true
}

/** A call that this worker's version of the contract does not take as it was made. */
export interface Foreign {
  readonly as: "foreign"
  /** The field that does not fit, and how. */
  readonly why: string
}

/** What a handler said about the next attempt while it ran. */
export interface Hints {
  never: boolean
  wait?: number
}

const outcomeTags = {
  value: "Succeeded",
  failed: "Failed",
  crashed: "Crashed",
  timedOut: "TimedOut",
  stopped: "Cancelled"
} as const

/** `began`: epoch milliseconds, broker clock. */
export const outcomeOf = (
  engine: Context,
  call: Call & Partial<Pick<Job, "task">>,
  execution: Ended,
  began: number
): Verdict => {
  const tag = outcomeTags[execution.as]
  const { step, task, attempt } = call.message
  const contract = hasValue(tag) ? otherContract(engine, call, call.task) : undefined
  return {
    tag,
    value: {
      text: execution.as === "stopped" ? '{"reason":"its scope ended"}' : execution.text
    },
    step,
    attempt,
    worker: engine.worker,
    began,
    ended: engine.broker.now(),
    ...(tag === "Succeeded"
      ? {}
      : { decided: { step, task, attempt, place: describePosition(call.at) } }),
    ...(contract === undefined ? {} : { contract })
  }
}

const hasValue = (tag: Verdict["tag"]): boolean => tag === "Succeeded" || tag === "Failed"

/** The contract that an outcome is made with, where it gives something else than the plan was built with. */
export const otherContract = (
  { worker, since }: Context,
  { at: { frame }, message: { fingerprint } }: Call,
  task: TaskDefinition | undefined
): OtherContract | undefined =>
  frame.contract ??
  (task === undefined || givesSame(fingerprint, task.fingerprint)
    ? undefined
    : { task: task.name, fingerprint: task.fingerprint, worker, since })
