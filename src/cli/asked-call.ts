/** The call that somebody asks for at a prompt: by the contract of the task where a file has it, else by its name alone. */
import * as Schema from "effect/Schema"
import { invalidInput } from "../define/call.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import { task } from "../define/task.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { misused } from "./exits.ts"
import { filesOf, loadAll } from "./load.ts"
import { remark } from "./output.ts"
import { perhaps, registeredIn } from "./registered.ts"

/** What can be said about a call. */
export interface Asked {
  readonly task: string
  /** As they are typed. */
  readonly words: ReadonlyArray<string>
  /** The file or folder that has the contract. */
  readonly from?: string
  readonly queue?: string
  readonly key?: string
  /** Whether no contract is looked for. */
  readonly byName?: boolean
}

type Callable = (...input: ReadonlyArray<unknown>) => AnyWorkflow

/** Loads what has to be loaded, and makes the call. Refuses arguments that do not fit before anything is sent. */
export const callOf = async (asked: Asked): Promise<AnyWorkflow> => {
  const input = asked.words.map(jsonOf)
  const call = asked.byName === true ? byName(asked.task, input) : await byContract(asked, input)
  const { queue, key } = asked
  const chosen = {
    ...(queue === undefined ? {} : { queue }),
    ...(key === undefined ? {} : { key })
  }
  if (Object.keys(chosen).length === 0) return call
  return (call as AnyWorkflow & { with(options: object): AnyWorkflow }).with(chosen)
}

/** Where a project has task files, a name that none of them has is a mistake more often than another service's. */
const byContract = async (
  { task: name, from }: Asked,
  input: ReadonlyArray<unknown>
): Promise<AnyWorkflow> => {
  const files = filesOf(from === undefined ? [] : [from])
  const found = registeredIn(await loadAll(files))
  const known = found.get(name)
  if (known !== undefined) {
    return (known.task as unknown as Callable)(...decoded(known.definition, input))
  }
  if (files.length > 0) {
    throw misused(
      `${files.join(", ")} ${files.length === 1 ? "has" : "have"} no task ${name}${perhaps(name, found.keys())}. Nothing was sent: give the file that has it with --from, or start it by its name alone with --by-name.`
    )
  }
  remark(
    `arpeggio: there are no task files here: ${name} is started by its name alone, and a worker checks its arguments`
  )
  return byName(name, input)
}

const jsonOf = (word: string, at: number): unknown => {
  try {
    return JSON.parse(word) as unknown
  } catch {
    throw misused(
      `argument ${at + 1} is not JSON: ${word}. A text is written with quotes inside the shell's: '${JSON.stringify(word)}'. Nothing was sent.`
    )
  }
}

/** A contract that says nothing: a worker whose own contract takes the arguments does the call. */
const byName = (name: string, input: ReadonlyArray<unknown>): AnyWorkflow => {
  const contract = { input: input.map(() => Schema.Json), output: Schema.Json }
  const unknown = (task as (name: string, contract: object) => unknown)(name, contract)
  return (unknown as Callable)(...input)
}

/** Every argument as the task takes it. */
const decoded = (
  { name, arity, inputCodecs }: TaskDefinition,
  input: ReadonlyArray<unknown>
): ReadonlyArray<unknown> => {
  if (input.length !== arity) {
    throw misused(
      `${name} takes ${arity} argument${arity === 1 ? "" : "s"}, but got ${input.length}. Nothing was sent.`
    )
  }
  return input.map((value, at) => {
    try {
      return inputCodecs[at]!.decode(value as never)
    } catch (cause) {
      if (!(cause instanceof Misfit)) throw cause
      throw invalidInput(name, `input[${at}]`, cause, `argument ${at + 1}`)
    }
  })
}
