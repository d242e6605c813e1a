/** Reads what a workflow gives: its plan says which task's codec each part of the JSON belongs to. */
import { type NumberedPlan, numberPlan } from "../compose/numbering.ts"
import { passes, type PlanNode, type RecoverNode } from "../define/plan.ts"
import { Misfit } from "../define/misfit.ts"
import { received } from "../define/received.ts"
import type { AnyWorkflow, TaskTable } from "../define/workflow.ts"
import { branchAt, type Branches, branchesOfItem } from "./branches.ts"
import { errorReader } from "./errors.ts"
import { readOutcome } from "./outcome.ts"

/** Turns JSON into the value it stands for. `branches` says which way the value came. Throws a `Misfit`. */
export type Read = (json: unknown, branches?: Branches) => unknown

/** One direction of a codec: whoever reads a result never writes one. */
export interface ResultCodec {
  readonly decode: Read
}

/** Reads what became of a workflow. `declared` is the task whose contract has the error, where that is another than the one that failed. */
export interface OutcomeCodec {
  readonly decode: (json: unknown, branches?: Branches, declared?: string) => unknown
}

/** Reads what a workflow gives when it succeeds. */
export const outputCodecOf = (workflow: AnyWorkflow): ResultCodec => {
  const { plan, tasks } = workflow["~arpeggio"]
  const end = endOf(plan)
  const only = end.kind === "call" ? tasks.get(end.task) : undefined
  return only === undefined ? { decode: cached(plan, tasks) } : only.outputCodec
}

/** What a plan gives is what this part of it gives. */
const endOf = (plan: PlanNode): PlanNode => {
  let at = plan
  for (;;) {
    if (at.kind === "chain") at = at.steps.at(-1)!
    else if (at.kind === "hook" || at.kind === "ignore" || at.kind === "cleanup") at = at.of
    else return at
  }
}

/** Reads what became of a workflow, whatever it was. */
export const outcomeCodecOf = (workflow: AnyWorkflow): OutcomeCodec => {
  const { decode } = outputCodecOf(workflow)
  const { plan, tasks } = workflow["~arpeggio"]
  const errors = errorReader(tasks)
  return {
    decode: (json, branches, declared) => {
      if (branches !== undefined && !hasBranches(numberPlan(plan), branches)) {
        throw new Misfit(
          "",
          "what this workflow gives",
          "what came by a branch that it does not have"
        )
      }
      return readOutcome(json, (value) => decode(value, branches), errors, declared)
    }
  }
}

/** Whether a plan has the nodes that a value is said to have come by: another workflow's value is not read as this one's. */
const hasBranches = (nodes: NumberedPlan, branches: Branches): boolean =>
  Object.entries(branches).every(([number, said]) => {
    const node = nodes[Number(number)]?.node
    if (typeof said === "string") {
      return (
        node?.kind === "settle" || (node?.kind === "recover" && Object.hasOwn(node.fallbacks, said))
      )
    }
    if (node?.kind !== "map") return false
    const body = numberPlan(node.body)
    return Object.values(said).every((item) => hasBranches(body, item))
  })

const readers = new WeakMap<PlanNode, Read>()

const cached = (plan: PlanNode, tasks: TaskTable): Read => {
  const known = readers.get(plan)
  if (known !== undefined) return known
  const reader = planReader(plan, tasks)
  readers.set(plan, reader)
  return reader
}

/** The reader of what a plan gives, made of the codecs of the tasks it names. */
const planReader = (plan: PlanNode, tasks: TaskTable): Read =>
  nodeReader(numberPlan(plan), 0, tasks)

const nodeReader = (nodes: NumberedPlan, number: number, tasks: TaskTable): Read => {
  const { node, children } = nodes[number]!
  const of = (child: number): Read => nodeReader(nodes, child, tasks)
  switch (node.kind) {
    case "call": {
      const definition = tasks.get(node.task)
      if (definition === undefined)
        throw new Misfit("", `a known task, ${node.task}`, "nothing of that name")
      return definition.outputCodec.decode
    }
    case "pass":
      return node[passes]!.decode
    case "chain":
      return of(children.at(-1)!)
    case "group":
      return node.keys === undefined
        ? tupleReader(children.map(of))
        : recordReader(node.keys, children.map(of))
    case "map": {
      const read = planReader(node.body, tasks)
      return (json, branches) =>
        arrayIn(json).map((item, at) =>
          within(`[${at}]`, () => read(item, branchesOfItem(branches, number, at)))
        )
    }
    case "ignore":
    case "hook":
    case "cleanup":
      return of(children[0]!)
    case "settle": {
      const value = of(children[0]!)
      const errors = errorReader(tasks)
      return (json, branches) =>
        readOutcome(json, (inner) => value(inner, branches), errors, branchAt(branches, number))
    }
    case "recover":
      return branchReader(number, of(children[0]!), fallbackReaders(node, children, of))
  }
}

const tupleReader =
  (members: ReadonlyArray<Read>): Read =>
  (json, branches) => {
    const items = arrayIn(json)
    if (items.length !== members.length) {
      throw new Misfit("", `${members.length} results`, `${items.length}`)
    }
    return members.map((read, at) => within(`[${at}]`, () => read(items[at], branches)))
  }

const recordReader =
  (keys: ReadonlyArray<string>, members: ReadonlyArray<Read>): Read =>
  (json, branches) => {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new Misfit("", "an object", received(json))
    }
    return Object.fromEntries(
      members.map((read, at) => {
        const key = keys[at]!
        if (!Object.hasOwn(json, key)) throw new Misfit(`.${key}`, "present", "missing")
        const item = (json as { [key: string]: unknown })[key]
        return [key, within(`.${key}`, () => read(item, branches))]
      })
    )
  }

const fallbackReaders = (
  { fallbacks }: RecoverNode,
  children: ReadonlyArray<number>,
  of: (child: number) => Read
): ReadonlyMap<string, Read> =>
  new Map(Object.keys(fallbacks).map((tag, at) => [tag, of(children[at + 1]!)]))

/** What a recovered workflow gives is read by the branch that gave it, which the outcome names. */
const branchReader =
  (number: number, main: Read, fallbacks: ReadonlyMap<string, Read>): Read =>
  (json, branches) => {
    const tag = branchAt(branches, number)
    if (tag === undefined) return main(json, branches)
    const read = fallbacks.get(tag)
    if (read !== undefined) return read(json, branches)
    throw new Misfit(
      "",
      "what this workflow gives",
      `what its fallback for ${tag} gave, which it does not have`
    )
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
