/** What the tasks of a test were started with, and who waits for it. */
import { AssertionError } from "node:assert"
import { isDeepStrictEqual } from "node:util"
import { step } from "../define/context.ts"
import type { Handler, TaskDefinition } from "../define/definition.ts"
import { type HowLong, inWords, millisecondsOf, type WithUnit } from "../define/duration.ts"
import { InvalidInput } from "../define/errors.ts"
import { refuseUnknown } from "../define/known.ts"
import { received } from "../define/describe-value.ts"
import { Misfit } from "../define/schema-mismatch.ts"

/** One start of a handler: an attempt of a step. */
export interface StartedCall<Input extends ReadonlyArray<unknown> = ReadonlyArray<unknown>> {
  /** The arguments, as the handler got them. */
  readonly input: Input
  /** The id of its run. */
  readonly run: string
  /** The step, as `step().id` has it. */
  readonly step: string
  /** Which attempt it is, from 1. */
  readonly attempt: number
}

/** Which start is expected, and by when. */
export interface ExpectOptions<Input extends ReadonlyArray<unknown>> {
  /** The arguments that it is started with. Default: any. */
  readonly input?: Input
  /** How long to wait, in real time. Default: "5 seconds". */
  readonly within?: HowLong<WithUnit<"within">>
}

/** Told in a failure, at most. */
const most = 10

export class Starts {
  readonly #calls: Array<StartedCall & { readonly task: string }> = []
  readonly #watching = new Set<() => void>()

  /** A task whose starts are noted. */
  watched(definition: TaskDefinition, more: Partial<TaskDefinition>): TaskDefinition {
    const { name: task } = definition
    const handler = definition.handler as (...input: ReadonlyArray<unknown>) => unknown
    const noted = (...input: ReadonlyArray<unknown>): unknown => {
      const { run, id, attempt } = step()
      this.#calls.push({ task, input, run, step: id, attempt })
      for (const look of this.#watching) look()
      return handler(...input)
    }
    return Object.defineProperties({} as TaskDefinition, {
      ...Object.getOwnPropertyDescriptors({ ...more, handler: noted as Handler }),
      ...without(Object.getOwnPropertyDescriptors(definition), "handler")
    })
  }

  of({ name }: TaskDefinition): ReadonlyArray<StartedCall> {
    return this.#calls
      .filter(({ task }) => task === name)
      .map(({ input, run, step, attempt }) => ({ input, run, step, attempt }))
  }

  async expect(
    definition: TaskDefinition,
    options: ExpectOptions<ReadonlyArray<unknown>> = {}
  ): Promise<StartedCall> {
    refuseUnknown("expectStarted", options, { input: true, within: true })
    const { input, within = "5 seconds" } = options
    const wait = millisecondsOf("within", within, definition.name)
    const wanted = input && expectedOf(definition, input)
    const find = (): StartedCall | undefined =>
      this.of(definition).find(
        (call) => wanted === undefined || isDeepStrictEqual(jsonOf(definition, call.input), wanted)
      )
    const found = await this.#until(find, wait)
    if (found !== undefined) return found
    const which = input === undefined ? "" : ` with ${argumentsIn(input)}`
    throw new AssertionError({
      message: `${definition.name} was not started${which} within ${inWords(wait)}. ${this.#told()}`,
      ...(input === undefined
        ? {}
        : { actual: this.of(definition).map((call) => call.input), expected: [input] }),
      operator: "expectStarted"
    })
  }

  #until<A>(find: () => A | undefined, wait: number): Promise<A | undefined> {
    return new Promise((resolve) => {
      const end = (found: A | undefined): void => {
        clearTimeout(timer)
        this.#watching.delete(look)
        resolve(found)
      }
      const look = (): void => {
        const found = find()
        if (found !== undefined) end(found)
      }
      const timer = setTimeout(() => end(undefined), Math.min(wait, 2 ** 31 - 1))
      this.#watching.add(look)
      look()
    })
  }

  #told(): string {
    const lines = this.#calls.slice(0, most).map(({ task, input }) => task + argumentsIn(input))
    if (lines.length === 0) return "Nothing was started."
    const left = this.#calls.length - lines.length
    return `Started were: ${lines.join(", ")}${left > 0 ? `, and ${left} more` : ""}.`
  }
}

/** What it was started with, as JSON; nothing where its handler has made something else of it. */
const jsonOf = ({ inputCodecs }: TaskDefinition, input: ReadonlyArray<unknown>): unknown => {
  try {
    return input.map((value, at) => inputCodecs[at]?.encode(value))
  } catch {
    return undefined
  }
}

/** What is expected, as JSON; `InvalidInput` where the task can never be started with it. */
const expectedOf = (definition: TaskDefinition, input: ReadonlyArray<unknown>): unknown => {
  const { name: task, arity, inputCodecs } = definition
  if (input.length !== arity) {
    const expected = `${arity} argument${arity === 1 ? "" : "s"}`
    throw neverStarted(task, { path: "input", expected, received: `${input.length}` })
  }
  return input.map((value, at) => {
    try {
      return inputCodecs[at]!.encode(value)
    } catch (cause) {
      if (!(cause instanceof Misfit)) throw cause
      throw neverStarted(task, { ...cause, path: `input[${at}]${cause.path}` })
    }
  })
}

const neverStarted = (
  task: string,
  { path, expected, received }: Pick<Misfit, "path" | "expected" | "received">
): InvalidInput =>
  new InvalidInput({
    task,
    path,
    expected,
    received,
    message: `expectStarted: ${path} of ${task} should be ${expected}, but is ${received}, and with that it is never started: correct what is expected.`
  })

const argumentsIn = (input: ReadonlyArray<unknown>): string => `(${input.map(received).join(", ")})`

const without = <A extends object, Name extends keyof A>(from: A, name: Name): Omit<A, Name> => {
  const { [name]: _, ...rest } = from
  return rest
}
