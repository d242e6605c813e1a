/** Runs one handler once, and says how that ended as data; whatever a handler does, nothing is thrown. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { after } from "../transport/time.ts"
import { inWords } from "../define/duration.ts"
import { runWithStep, Step, type StepContext } from "../define/context.ts"
import { CompositionError, InvalidInput, InvalidOutput } from "../define/failure.ts"
import { takesSame } from "../define/fingerprint.ts"
import { Misfit } from "../define/misfit.ts"
import { parseJson } from "../define/json.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { isWorkflow, type AnyWorkflow } from "../define/workflow.ts"
import type { Soon } from "../define/soon.ts"
import { type Foreign, foreignArguments } from "./foreign.ts"
import type { Interruption } from "./interruption.ts"
import type { StopReason } from "./running.ts"

/** How an execution ended; texts are JSON. */
export type Execution =
  | { readonly as: "value"; readonly text: string }
  | { readonly as: "failed"; readonly text: string }
  /** `misfit`: the arguments do not fit the contract, so another attempt would end the same way. */
  | { readonly as: "crashed"; readonly text: string; readonly misfit?: true }
  | { readonly as: "timedOut"; readonly text: string }
  | { readonly as: "plan"; readonly text: string }
  | { readonly as: "stopped"; readonly reason: StopReason }
  /** Not begun: the call is for a worker with another version of the contract. */
  | Foreign

/** What one execution is given. */
export interface Assignment {
  readonly task: TaskDefinition
  /** The arguments, a JSON array. */
  readonly input: string
  /** The fingerprint of the contract that the call was made with. */
  readonly made: string
  /** Whether what arrived comes from yet another one. */
  readonly crossed: boolean
  readonly step: StepContext
  /** Stops the handler, through the signal of its step. */
  readonly interruption: Interruption
  /** Milliseconds until the handler is interrupted. */
  readonly timeout: number
  readonly services: Context.Context<never>
}

/** An execution under way. */
export interface Started {
  readonly ended: Promise<Execution>
  readonly stop: (reason: StopReason) => void
}

/** Runs the handler; one that does not wait for anything has ended when this returns. */
export const execute = (assignment: Assignment): Execution | Started => {
  const { task } = assignment
  const values = readArguments(assignment)
  if (!Array.isArray(values)) return values as Execution
  try {
    const running = runWithStep(assignment.step, () => run(assignment, values as Array<never>))
    return running instanceof Promise ? started(assignment, running) : running
  } catch (thrown) {
    return failed(task, thrown)
  }
}

const run = (assignment: Assignment, values: Array<never>): Soon<Execution> => {
  const { task } = assignment
  const returned: unknown = task.handler!(...values)
  if (Effect.isEffect(returned) && !isData(returned)) return runEffect(assignment, returned)
  if (!isThenable(returned)) return succeeded(task, returned)
  return Promise.resolve(returned).then(
    (value) => succeeded(task, value),
    (thrown: unknown) => failed(task, thrown)
  )
}

/** Whether a value may have come from JSON, which can look like anything. */
const isData = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

/** The end of a handler that takes its time: its own, or that of whoever stops it first. */
const started = (
  { task, timeout, interruption }: Assignment,
  running: Promise<Execution>
): Started => {
  let end: (execution: Execution) => void = () => {}
  const ended = new Promise<Execution>((resolve) => {
    end = resolve
  })
  const cancel = after(timeout, () => {
    end({ as: "timedOut", text: JSON.stringify({ after: timeout }) })
    interruption.interrupt(`${task.name} took longer than its timeout of ${inWords(timeout)}`)
  })
  void running.then((execution) => {
    cancel()
    end(execution)
  })
  return {
    ended,
    stop: (reason) => {
      cancel()
      end({ as: "stopped", reason })
      interruption.interrupt(
        reason === "closing"
          ? "the group or run this step belongs to has ended"
          : "the worker is stopping; the step will run elsewhere"
      )
    }
  }
}

/** The arguments, or the crash of a call whose arguments do not fit. */
const readArguments = (assignment: Assignment): ReadonlyArray<unknown> | Execution => {
  const { task, input, made, crossed } = assignment
  try {
    return !crossed && takesSame(made, task.fingerprint)
      ? decodeArguments(task, input)
      : foreignArguments(task, input, decodeArguments)
  } catch (thrown) {
    const execution = failed(task, thrown)
    return execution.as === "crashed" ? { ...execution, misfit: true } : execution
  }
}

const runEffect = async (
  { task, step, services }: Assignment,
  effect: Effect.Effect<unknown, unknown, unknown>
): Promise<Execution> => {
  const program = Effect.provideService(effect, Step, step) as Effect.Effect<unknown, unknown>
  const exit = await Effect.runPromiseExitWith(services)(program, { signal: step.signal })
  return Exit.isSuccess(exit) ? succeeded(task, exit.value) : failed(task, Cause.squash(exit.cause))
}

const succeeded = (task: TaskDefinition, value: unknown): Execution => {
  try {
    return isWorkflow(value)
      ? replaced(task, value)
      : { as: "value", text: JSON.stringify(task.outputCodec.encode(value)) }
  } catch (cause) {
    if (!(cause instanceof Misfit)) return crashed(cause)
    const path = `output${cause.path}`
    return crashed(
      new InvalidOutput({
        task: task.name,
        path,
        expected: cause.expected,
        received: cause.received,
        message: `${task.name} returned ${path} = ${cause.received}, but its contract's output expects ${cause.expected}. Mend the handler, or widen the output schema.`
      })
    )
  }
}

const replaced = ({ name }: TaskDefinition, workflow: AnyWorkflow): Execution => {
  const { plan, start } = workflow["~arpeggio"]
  if (start === undefined) return { as: "plan", text: JSON.stringify(plan) }
  const message = `${name} returned a workflow with a ${Object.keys(start).join(" and a ")} of its own, which belongs on the whole that is started: return it without`
  return crashed(new CompositionError({ message }))
}

const failed = (task: TaskDefinition, error: unknown): Execution => {
  try {
    if (task.errorCodec.declares(error)) {
      return { as: "failed", text: JSON.stringify(task.errorCodec.encode(error)) }
    }
  } catch {
    // What cannot be encoded is told as a crash.
  }
  return crashed(error)
}

/** Anything can be thrown: whatever cannot even be looked at is told in words of our own. */
const crashed = (thrown: unknown): Execution => {
  let words = { name: "Thrown", message: "something that cannot be put into words" }
  try {
    words =
      thrown instanceof Error
        ? {
            name: String(thrown.name ?? "Error").slice(0, 200),
            message: String(thrown.message ?? "").slice(0, 16_000),
            ...(typeof thrown.stack === "string" ? { stack: thrown.stack.slice(0, 4_000) } : {})
          }
        : { name: "Thrown", message: String(thrown).slice(0, 2_000) }
  } catch {
    // The words above stay.
  }
  return { as: "crashed", text: JSON.stringify(words) }
}

const decodeArguments = (task: TaskDefinition, text: string): ReadonlyArray<unknown> => {
  const given = parseJson(text) as ReadonlyArray<unknown>
  if (given.length !== task.inputCodecs.length) {
    throw new InvalidInput({
      task: task.name,
      path: "input",
      expected: `${task.inputCodecs.length} arguments`,
      received: `${given.length}`,
      message: `${task.name} takes ${task.inputCodecs.length} arguments, but was sent ${given.length}: client and worker have different versions of its contract. Deploy the same one to both.`
    })
  }
  return task.inputCodecs.map((codec, at) => {
    try {
      return codec.decode(given[at])
    } catch (cause) {
      if (!(cause instanceof Misfit)) throw cause
      const path = `input[${at}]${cause.path}`
      throw new InvalidInput({
        task: task.name,
        path,
        expected: cause.expected,
        received: cause.received,
        message: `${task.name} was sent ${path} = ${cause.received}, but its contract expects ${cause.expected}. What came before returned something else than its type says, or client and worker have different versions of the contract.`
      })
    }
  })
}
