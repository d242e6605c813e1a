/** Runs one handler once, and says how that ended as data; whatever a handler does, nothing is thrown. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { runWithStep, Step, type StepContext } from "../define/context.ts"
import { CompositionError, ContractError, InvalidOutput, InvalidInput } from "../define/errors.ts"
import { takesSame } from "../define/fingerprint.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { isWorkflow, type AnyWorkflow } from "../define/workflow.ts"
import type { Soon } from "../define/awaitable.ts"
import { jsonText } from "../define/json-text.ts"
import type { EndedBy, Execution, StopReason } from "../engine/index.ts"
import type { Broker } from "../broker/broker.ts"
import { foreignArguments } from "./foreign.ts"
import type { Interruption } from "./step-context.ts"
import { stopOf, tooLong } from "./stop.ts"
import { failuresIn } from "./thrown.ts"
import { parseJson, OutOfBounds } from "../define/json.ts"
import { failed, crashed } from "./handler-failure.ts"

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
  /** Milliseconds that the handler may take: when they are over it is interrupted, and one that ends then has ended too late. */
  readonly timeout: number
  /** By whose time that is. */
  readonly clock: Pick<Broker, "elapsed" | "after">
  readonly services: Context.Context<never>
}

/** An execution under way. */
export interface Started {
  /** When its outcome is decided: the handler has ended, or somebody has stopped it. */
  readonly ended: Promise<Execution>
  /** When the handler has really ended. */
  readonly over: Promise<unknown>
  readonly isOver: () => boolean
  readonly stop: (reason: StopReason, endedBy?: EndedBy) => void
}

/** Runs the handler; one that does not wait for anything has ended when this returns. */
export const execute = (assignment: Assignment): Execution | Started => {
  const { task, clock } = assignment
  const values = readArguments(assignment)
  if (!Array.isArray(values)) return values as Execution
  const began = clock.elapsed()
  try {
    const running = runWithStep(assignment.step, () =>
      runArpeggioStep(assignment, values as Array<never>, began)
    )
    return running instanceof Promise ? started(assignment, running, began) : running
  } catch (thrown) {
    return late(assignment, began) ?? failed(task, thrown)
  }
}

/** Called so because it stands in stacks, right below the handler's own lines. */
const runArpeggioStep = (
  assignment: Assignment,
  values: Array<never>,
  began: number
): Soon<Execution> => {
  const { task } = assignment
  const returned: unknown = task.handler!(...values)
  if (Effect.isEffect(returned) && !isData(returned)) {
    return runEffect(assignment, returned, began)
  }
  if (!isThenable(returned)) return late(assignment, began) ?? succeeded(task, returned)
  return Promise.resolve(returned).then(
    (value) => late(assignment, began) ?? succeeded(task, value),
    (thrown: unknown) => late(assignment, began) ?? failed(task, thrown)
  )
}

/**
 * How a handler ended that ended too late, whatever it gave. Nobody could interrupt it in time when it blocked the event
 * loop; it is late all the same.
 */
const late = ({ timeout, clock }: Assignment, began: number): Execution | undefined => {
  const took = clock.elapsed() - began
  if (took < timeout) return undefined
  return { as: "timedOut", text: JSON.stringify({ after: timeout, took: Math.round(took) }) }
}

/** Whether a value may have come from JSON, which can look like anything. */
const isData = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

/** The end of a handler that takes its time: its own, or that of whoever stops it first. */
const started = (
  { task, timeout, clock, step, interruption }: Assignment,
  running: Promise<Execution>,
  began: number
): Started => {
  let over = false
  let end: (execution: Execution) => void = () => {}
  const ended = new Promise<Execution>((resolve) => {
    end = resolve
  })
  const expire = (): void => {
    end({ as: "timedOut", text: JSON.stringify({ after: timeout }) })
    interruption.interrupt(step, tooLong(task.name, timeout))
  }
  // What it did before it first waited counts, too.
  const left = timeout - (clock.elapsed() - began)
  const cancel = clock.after(Math.max(left, 0), expire)
  // It does not reject; if it did, its call would be held for ever.
  const done = running
    .catch((thrown: unknown) => crashed(thrown))
    .then((execution) => {
      over = true
      cancel()
      end(execution)
    })
  return {
    ended,
    over: done,
    isOver: () => over,
    stop: (reason, endedBy) => {
      cancel()
      end({ as: "stopped", reason })
      interruption.interrupt(step, stopOf(task.name, reason, endedBy))
    }
  }
}

/** The arguments, or the crash of a call whose arguments do not fit. */
const readArguments = (assignment: Assignment): ReadonlyArray<unknown> | Execution => {
  const { task, input, made, crossed } = assignment
  try {
    return !crossed && takesSame(made, task.fingerprint)
      ? decodeArguments(task, input)
      : foreignArguments(task, argumentsIn(task, input), () => decodeArguments(task, input))
  } catch (thrown) {
    const execution = failed(task, thrown)
    return execution.as === "crashed" ? { ...execution, misfit: true } : execution
  }
}

const runEffect = async (
  assignment: Assignment,
  effect: Effect.Effect<unknown, unknown, unknown>,
  began: number
): Promise<Execution> => {
  const { task, step, services, interruption } = assignment
  const program = Effect.provideService(effect, Step, step) as Effect.Effect<unknown, unknown>
  const exit = await Effect.runPromiseExitWith(services)(program, { signal: interruption.bare })
  const tooLate = late(assignment, began)
  if (tooLate !== undefined) return tooLate
  if (Exit.isSuccess(exit)) return succeeded(task, exit.value)
  const [first, ...besides] = failuresIn(exit.cause)
  return failed(task, first, besides)
}

const succeeded = (task: TaskDefinition, value: unknown): Execution => {
  try {
    return isWorkflow(value)
      ? replaced(task, value)
      : { as: "value", text: jsonText(task.outputCodec.encode(value)) }
  } catch (cause) {
    if (!(cause instanceof Misfit)) return crashed(cause)
    const path = `output${cause.path}`
    return crashed(
      new InvalidOutput({
        task: task.name,
        path,
        expected: cause.expected,
        received: cause.received,
        message: `${task.name} returned ${path} = ${cause.received}, but its contract's output expects ${cause.expected}.${cause.alsoAt("output")} Mend the handler, or widen the output schema.`
      })
    )
  }
}

const replaced = ({ name, refuses }: TaskDefinition, workflow: AnyWorkflow): Execution => {
  const { plan, start } = workflow["~arpeggio"]
  const refusal = refuses?.(workflow)
  if (refusal !== undefined) return crashed(new ContractError({ task: name, message: refusal }))
  if (start === undefined) return { as: "plan", text: jsonText(plan) }
  const message = `${name} returned a workflow with a ${Object.keys(start).join(" and a ")} of its own, which belongs on the whole that is started: return it without`
  return crashed(new CompositionError({ message }))
}

/** The arguments in a JSON array, decoded. Throws `InvalidInput`. */
export const decodeArguments = (task: TaskDefinition, text: string): ReadonlyArray<unknown> => {
  const given = argumentsIn(task, text)
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
        message: `${task.name} was sent ${path} = ${cause.received}, but its contract expects ${cause.expected}.${cause.alsoAt(`input[${at}]`)} What came before returned something else than its type says, or client and worker have different versions of the contract.`
      })
    }
  })
}

/** What was sent, as JSON. Throws `InvalidInput` for what no version of the contract could read. */
export const argumentsIn = ({ name }: TaskDefinition, text: string): ReadonlyArray<unknown> => {
  try {
    return parseJson(text) as ReadonlyArray<unknown>
  } catch (cause) {
    if (!(cause instanceof OutOfBounds)) throw cause
    throw new InvalidInput({
      task: name,
      path: "input",
      expected: cause.message,
      received: `${text.length} characters of JSON`,
      message: `${name} was sent arguments that are beyond what may travel (${cause.message}, the list of all arguments included). Let the step before give less: flatter values, a sum of them, or a path to where they are.`
    })
  }
}
