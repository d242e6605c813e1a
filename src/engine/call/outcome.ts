/** The outcome that an execution offers for its step. */
import type { TaskDefinition } from "../../define/definition.ts"
import { givesSame } from "../../define/fingerprint.ts"
import type { OtherContract } from "../../encode/value-ref.ts"
import type { Context } from "../context.ts"
import { describePosition } from "../flow/position.ts"
import type { Verdict } from "../verdict.ts"
import type { Ended } from "./decide.ts"
import type { Call, Job } from "./job.ts"

const tags = {
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
  const tag = tags[execution.as]
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
