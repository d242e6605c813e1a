/** Builds the call that a task gives when it is called: arguments checked and turned into plain JSON at once. */
import { isOpen, openIn } from "./open.ts"
import { argumentAt, type CallNode, isCall, type Json } from "./plan.ts"
import type { ValueCodec } from "./codec.ts"
import type { TaskDefinition } from "./definition.ts"
import { CompositionError, ContractError, InvalidInput } from "./errors.ts"
import { marked } from "./mark.ts"
import { Misfit } from "./schema-mismatch.ts"
import { type CallOptions, policyOf } from "./options.ts"
import { received } from "./describe-value.ts"
import { policyAmong, type RetryOptions, strangeTag } from "./retry.ts"
import { timesWith, whyNever, withoutTimes } from "./times.ts"
import { isStartOption, type StartOptions, type StartSettings } from "./start.ts"
import { type AnyWorkflow, dataOf, startOf, type TaskTable } from "./workflow.ts"

/** The function that a task is. A property rather than a prototype, so that `name` in a stack is the task's. */
export const callableOf = (definition: TaskDefinition): object => {
  const tasks: TaskTable = new Map([[definition.name, definition]])
  const callable = (...input: ReadonlyArray<unknown>): AnyWorkflow => {
    try {
      return callOf(nodeOf(definition, input), tasks)
    } catch (cause) {
      if (cause instanceof Error) Error.captureStackTrace(cause, callable)
      throw cause
    }
  }
  const partial = (...input: ReadonlyArray<unknown>): AnyWorkflow => {
    try {
      return callOf(partialNodeOf(definition, input), tasks)
    } catch (cause) {
      if (cause instanceof Error) Error.captureStackTrace(cause, partial)
      throw cause
    }
  }
  Object.defineProperties(callable, {
    name: { value: definition.name },
    partial: { value: Object.freeze(partial) },
    taskName: { value: definition.name, enumerable: true },
    "~arpeggio": { value: definition },
    toString: { value: () => `[task ${definition.name}]` }
  })
  return Object.freeze(callable)
}

const nodeOf = (definition: TaskDefinition, input: ReadonlyArray<unknown>): CallNode => {
  const { name, arity } = definition
  const misplaced = input.findIndex(isOpen)
  if (misplaced >= 0) {
    throw wrongArguments(
      { task: name, path: `input[${misplaced}]`, expected: "a value", received: "open" },
      `open stands in ${name}.partial(…) only, and there not for the first argument, which is open when it is left out`
    )
  }
  const partial = arity > 0 && input.length === arity - 1
  if (!partial && input.length !== arity) throw wrongCount(definition, input)
  return filled(definition, { partial }, input)
}

const partialNodeOf = (definition: TaskDefinition, input: ReadonlyArray<unknown>): CallNode => {
  const { name, arity } = definition
  if (input.length !== arity) {
    const why = `${name}.partial takes ${arity} argument${arity === 1 ? "" : "s"}, of which one is open, but got ${input.length}`
    const expected = `${arity} arguments`
    throw wrongArguments({ task: name, path: "input", expected, received: `${input.length}` }, why)
  }
  const at = openIn(name, input)
  if (typeof at === "string") {
    const expected = "one open argument"
    throw wrongArguments({ task: name, path: "input", expected, received: "another call" }, at)
  }
  return filled(definition, { partial: true, open: at }, input.toSpliced(at, 1))
}

const filled = (
  { name, inputCodecs, queue, fingerprint, times }: TaskDefinition,
  opens: Pick<CallNode, "partial" | "open">,
  input: ReadonlyArray<unknown>
): CallNode => {
  const args = input.map((value, at) => {
    const position = argumentAt(opens, at)
    return encodeArgument(name, inputCodecs[position]!, position, value)
  })
  return Object.freeze({
    kind: "call",
    task: name,
    fingerprint,
    args: Object.freeze(args),
    ...opens,
    queue,
    ...times
  })
}

const wrongArguments = (
  wrong: Pick<InvalidInput, "task" | "path" | "expected" | "received">,
  why: string
): InvalidInput => new InvalidInput({ ...wrong, message: `${why}. Nothing was sent.` })

const encodeArgument = (
  task: string,
  codec: ValueCodec,
  position: number,
  value: unknown
): Json => {
  try {
    return codec.encode(value)
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw invalidInput(task, `input[${position}]`, cause)
  }
}

/** The error for a value that does not fit an input, which stands where the task is called unless said otherwise. */
export const invalidInput = (
  task: string,
  at: string,
  misfit: Misfit,
  correct = `the value where ${task}(…) is called`
): InvalidInput => {
  const { path, expected, received } = misfit
  return new InvalidInput({
    task,
    path: `${at}${path}`,
    expected,
    received,
    message: `${task}: ${at}${path} should be ${expected}, but is ${received}.${misfit.alsoAt(at)} Nothing was sent: correct ${correct}.`
  })
}

const wrongCount = (
  { name, arity }: TaskDefinition,
  input: ReadonlyArray<unknown>
): InvalidInput => {
  const expected =
    arity === 0
      ? "no arguments"
      : `${arity} argument${arity === 1 ? "" : "s"}, or ${arity - 1} when the step before gives the first`
  return new InvalidInput({
    task: name,
    path: "input",
    expected,
    received: `${input.length}`,
    message: `${name} takes ${expected}, but got ${input.length}${input.length === 0 ? "" : `: ${input.map(received).join(", ").slice(0, 200)}`}. Nothing was sent.`
  })
}

const prototype: object = {
  ...marked,
  with(
    this: AnyWorkflow & { readonly taskName: string },
    options: CallOptions & StartOptions
  ): AnyWorkflow {
    const policy = policyOf(without(options, isStartOption))
    if (typeof policy === "string") {
      throw new ContractError({ task: this.taskName, message: `${this.taskName}: ${policy}` })
    }
    const { plan, tasks, start } = this["~arpeggio"]
    const { retry } = policy
    const declared = tasks.get(this.taskName)!.errorCodec.tags
    const strange = retry === undefined ? undefined : strangeTag(retry, declared)
    if (strange !== undefined) {
      const message = `${this.taskName}: retry.on names ${strange}, which is not among its errors`
      throw new ContractError({ task: this.taskName, message })
    }
    if (!isCall(plan)) throw new CompositionError({ message: "with: this is not a call" })
    const again = retry && {
      retry: policyAmong(retry, (options.retry as RetryOptions | undefined)?.on, declared)
    }
    const times = timesWith(plan, policy)
    const never = whyNever(times)
    if (never !== undefined) {
      throw new ContractError({ task: this.taskName, message: `${this.taskName}: ${never}` })
    }
    const rest = { ...withoutTimes(plan), ...withoutTimes(policy), ...again }
    return callOf(Object.freeze({ ...rest, ...times }), tasks, {
      ...start,
      ...startOf(options)
    })
  },
  toString(this: { readonly taskName: string }): string {
    return `[call of ${this.taskName}]`
  }
}

const without = <Options extends object>(
  options: Options,
  which: (name: string) => boolean
): Options =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !which(name))) as Options

/** The call around a node that is frozen already. */
export const callOf = (plan: CallNode, tasks: TaskTable, start?: StartSettings): AnyWorkflow =>
  Object.freeze(
    Object.assign(Object.create(prototype) as object, {
      taskName: plan.task,
      "~arpeggio": dataOf(plan, tasks, start)
    })
  ) as unknown as AnyWorkflow
