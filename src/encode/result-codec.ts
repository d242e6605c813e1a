/** Reads what a workflow gives: its plan says which task's codec each part of the JSON belongs to. */
import type { PlanNode } from "../define/plan.ts"
import { Misfit } from "../define/misfit.ts"
import { received } from "../define/received.ts"
import type { AnyWorkflow, TaskTable } from "../define/workflow.ts"
import { errorReader } from "./errors.ts"
import { readOutcome } from "./outcome.ts"

/** Turns JSON into the value it stands for. Throws a `Misfit`. */
export type Read = (json: unknown) => unknown

/** One direction of a codec: whoever reads a result never writes one. */
export interface ResultCodec {
  readonly decode: Read
}

/** Reads what a workflow gives when it succeeds. */
export const outputCodecOf = (workflow: AnyWorkflow): ResultCodec => {
  const { plan, tasks } = workflow["~arpeggio"]
  const only = plan.kind === "call" ? tasks.get(plan.task) : undefined
  return only === undefined ? { decode: cached(plan, tasks) } : only.outputCodec
}

/** Reads what became of a workflow, whatever it was. */
export const outcomeCodecOf = (workflow: AnyWorkflow): ResultCodec => {
  const { decode } = outputCodecOf(workflow)
  const errors = errorReader(workflow["~arpeggio"].tasks)
  return { decode: (json) => readOutcome(json, decode, errors) }
}

const readers = new WeakMap<PlanNode, Read>()

const cached = (plan: PlanNode, tasks: TaskTable): Read => {
  const known = readers.get(plan)
  if (known !== undefined) return known
  const reader = outputReader(plan, tasks)
  readers.set(plan, reader)
  return reader
}

/** The reader of what a plan gives, made of the codecs of the tasks it names. */
const outputReader = (plan: PlanNode, tasks: TaskTable): Read => {
  const of = (node: PlanNode): Read => outputReader(node, tasks)
  switch (plan.kind) {
    case "call": {
      const definition = tasks.get(plan.task)
      if (definition === undefined)
        throw new Misfit("", `a known task, ${plan.task}`, "nothing of that name")
      return definition.outputCodec.decode
    }
    case "chain":
      return of(plan.steps.at(-1)!)
    case "group":
      return plan.keys === undefined
        ? tupleReader(plan.members.map(of))
        : recordReader(plan.keys, plan.members.map(of))
    case "map": {
      const read = of(plan.body)
      return (json) => arrayIn(json).map((item, at) => within(`[${at}]`, () => read(item)))
    }
    case "ignore":
    case "hook":
      return of(plan.of)
    case "settle": {
      const value = of(plan.of)
      const errors = errorReader(tasks)
      return (json) => readOutcome(json, value, errors)
    }
    case "recover":
      return firstReader([plan.of, ...Object.values(plan.fallbacks)].map(of))
  }
}

const tupleReader =
  (members: ReadonlyArray<Read>): Read =>
  (json) => {
    const items = arrayIn(json)
    if (items.length !== members.length) {
      throw new Misfit("", `${members.length} results`, `${items.length}`)
    }
    return members.map((read, at) => within(`[${at}]`, () => read(items[at])))
  }

const recordReader =
  (keys: ReadonlyArray<string>, members: ReadonlyArray<Read>): Read =>
  (json) => {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new Misfit("", "an object", received(json))
    }
    // A group gives its keys and no others: that tells it from what a fallback gave.
    const stranger = Object.keys(json).find((key) => !keys.includes(key))
    if (stranger !== undefined) throw new Misfit(`.${stranger}`, "absent", "present")
    return Object.fromEntries(
      members.map((read, at) => {
        const key = keys[at]!
        if (!Object.hasOwn(json, key)) throw new Misfit(`.${key}`, "present", "missing")
        return [key, within(`.${key}`, () => read((json as { [key: string]: unknown })[key]))]
      })
    )
  }

/**
 * The JSON does not say which branch it came from. The main one is tried first, so where both would do, a value of a
 * fallback is read as one of the main branch: give both the same type, or a tag.
 */
const firstReader =
  (branches: ReadonlyArray<Read>): Read =>
  (json) => {
    let first: Misfit | undefined
    for (const read of branches) {
      try {
        return read(json)
      } catch (cause) {
        if (!(cause instanceof Misfit)) throw cause
        first ??= cause
      }
    }
    throw first
  }

const arrayIn = (json: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(json)) return json
  throw new Misfit("", "an array", received(json))
}

/** Puts the place in front of what went wrong there. */
const within = <A>(place: string, read: () => A): A => {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw new Misfit(`${place}${cause.path}`, cause.expected, cause.received)
  }
}
