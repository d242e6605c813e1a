/** Reads what a workflow gives: its plan says which task's codec each part of the JSON belongs to. */
import { type AnyNode, isCall } from "../define/plan.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import type { AnyWorkflow, TaskTable } from "../define/workflow.ts"
import type { Branches } from "./branches.ts"
import { errorReader } from "./declared-error.ts"
import { type NumberedPlan, numberPlan } from "./numbering.ts"
import { readOutcome } from "./outcome.ts"
import type { Read } from "./rule.ts"
import { ruleOf } from "./table.ts"

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
    const node = nodes[Number(number)]?.node
    if (node === undefined) return false
    return ruleOf(node).hasBranch?.(node, said, branchesInside) === true
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
  const { node, children } = nodes[number]!
  const rule = ruleOf(node)
  const child = (position: number): Read => nodeReader(nodes, children[position]!, tasks)
  if (rule.reader === undefined) return child(rule.gives!(node))
  return rule.reader(node, { tasks, number, child, plan: (node) => planReader(node, tasks) })
}
