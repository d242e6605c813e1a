/** What a workflow takes and what it gives, by the codecs of its calls: which of them receive its input, and which each part of its result comes from. */
import { type AnyNode, type Json, isCall } from "../define/plan.ts"
import type { ValueCodec } from "../define/codec.ts"
import { invalidInput } from "../define/call.ts"
import { InvalidInput } from "../define/errors.ts"
import { bounds } from "../define/json.ts"
import { merged } from "../define/merge.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import { received } from "../define/describe-value.ts"
import type { AnyWorkflow, TaskTable } from "../define/workflow.ts"
import { receiverOf, ruleOf } from "./table.ts"
import type { Read } from "./rule.ts"
import type { Branches } from "./branches.ts"
import { errorReader, readOutcome } from "./outcome.ts"
import { numberPlan, type NumberedPlan } from "./numbering.ts"

/** Canonical JSON of a workflow's input; `null` where nothing is needed. Throws `InvalidInput`. */
export const encodeInput = (workflow: AnyWorkflow, input: unknown): Json =>
  encodeReceived(workflow, input) ?? null

/** The same; `undefined` where nothing receives an input. */
export const encodeReceived = (workflow: AnyWorkflow, input: unknown): Json | undefined => {
  const { plan, tasks } = workflow["~arpeggio"]
  return encodeFor(plan, tasks, input, "input")
}

/** `undefined` where nothing receives the input. */
const encodeFor = (
  node: AnyNode,
  tasks: TaskTable,
  input: unknown,
  at: string
): Json | undefined => {
  const rule = ruleOf(node)
  const taken = rule.takes?.(node, tasks)
  if (taken !== undefined) return encodeWith(taken.task, taken.codec!, input, at)
  const begins = rule.begin(node)
  switch (begins.do) {
    case "call":
    case "end":
    case "sleep":
      return undefined
    case "first":
      return begins.given === "nothing" ? undefined : encodeFor(receiverOf(node), tasks, input, at)
    case "all":
      // Members may each know only some fields of the input they share: what is sent has them all.
      return rule
        .children(node)
        .map((child) => encodeFor(child.node, tasks, input, at))
        .reduce(
          (all, one) =>
            all === undefined ? one : one === undefined ? all : (merged(all, one) as Json),
          undefined
        )
    case "each":
      return encodeItems(begins.body, tasks, input, at)
  }
}

const encodeItems = (body: AnyNode, tasks: TaskTable, input: unknown, at: string): Json => {
  if (!Array.isArray(input) || input.length > bounds.nodes) throw notAList(input, at)
  return Array.from(input, (item, index) => {
    const place = `${at}[${index}]`
    const json = encodeFor(body, tasks, item, place)
    if (json !== undefined && !(index in input)) throw aHole(place)
    return json ?? null
  })
}

const encodeWith = (task: string, codec: ValueCodec, input: unknown, at: string): Json => {
  try {
    return codec.encode(input)
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw input === undefined && at === "input"
      ? noInput(task, cause)
      : invalidInput(task, at, cause, "the input that the workflow is run with")
  }
}

/** Most likely an argument was forgotten. */
const noInput = (task: string, { expected, received }: Misfit): InvalidInput =>
  new InvalidInput({
    task,
    path: "input",
    expected,
    received,
    message: `${task} still needs an input: give it all its arguments, or write run(workflow, input). Nothing was sent.`
  })

const notAList = (input: unknown, at: string): InvalidInput =>
  new InvalidInput({
    task: "map",
    path: at,
    expected: "an array",
    received: received(input),
    message: `map: ${at} should be an array of at most ${bounds.nodes} items, one for each time its body runs, but is ${received(input)}. Nothing was sent.`
  })

const aHole = (at: string): InvalidInput =>
  new InvalidInput({
    task: "map",
    path: at,
    expected: "an item",
    received: "a hole in the list",
    message: `map: ${at} should be an item, but is a hole in the list, which would arrive as something else. Nothing was sent.`
  })

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
  const only = isCall(end) ? tasks.get(end.task) : undefined
  return only === undefined ? { decode: cached(plan, tasks) } : only.outputCodec
}

/** What a plan gives is what this part of it gives. */
const endOf = (plan: AnyNode): AnyNode => {
  let at = plan
  for (;;) {
    const rule = ruleOf(at)
    if (rule.gives === undefined) return at
    at = rule.children(at)[rule.gives(at)]!.node
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
    const at = nodes[Number(number)]
    if (at === undefined) return false
    return at.rule.hasBranch?.(at.node, said, branchesInside) === true
  })

const branchesInside = (node: AnyNode, branches: Branches): boolean =>
  hasBranches(numberPlan(node), branches)

const readers = new WeakMap<AnyNode, Read>()

const cached = (plan: AnyNode, tasks: TaskTable): Read => {
  const known = readers.get(plan)
  if (known !== undefined) return known
  const reader = planReader(plan, tasks)
  readers.set(plan, reader)
  return reader
}

/** The reader of what a plan gives, made of the codecs of the tasks it names. */
const planReader = (plan: AnyNode, tasks: TaskTable): Read => nodeReader(numberPlan(plan), 0, tasks)

const nodeReader = (nodes: NumberedPlan, number: number, tasks: TaskTable): Read => {
  const { node, rule, children } = nodes[number]!
  const child = (position: number): Read => nodeReader(nodes, children[position]!, tasks)
  if (rule.reader === undefined) return child(rule.gives!(node))
  return rule.reader(node, { tasks, number, child, plan: (node) => planReader(node, tasks) })
}
