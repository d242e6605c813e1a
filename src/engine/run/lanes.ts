/** Where the parts of a plan wait: every lane, and every queue, that something of it may come to. */
import type { Lane } from "../../broker/broker.ts"
import { type AnyNode, isCall } from "../../define/plan.ts"
import { normalLevel } from "../../encode/subjects.ts"
import { isExpanded } from "../call/inline-next.ts"
import { systemLane } from "./first-message.ts"
import { numberPlan } from "../../plan/numbering.ts"

/** A lane that something of a run waits in, and what that is: a task, or the kind of what is expanded. */
export interface Waited {
  readonly lane: Lane
  readonly what: string
}

const waitedBy = (node: AnyNode): Waited | undefined => {
  if (isCall(node)) {
    return { lane: { queue: node.queue, level: normalLevel }, what: node.task }
  }
  return isExpanded(node) ? { lane: systemLane, what: node.kind } : undefined
}

/** Every lane that something of a plan may wait in, in the order in which it comes to them. */
export const lanesOf = (plan: AnyNode): ReadonlyArray<Waited> => {
  const lanes = new Map<string, Waited>()
  for (const { node } of numberPlan(plan)) {
    const waited = waitedBy(node)
    if (waited !== undefined && !lanes.has(waited.lane.queue)) lanes.set(waited.lane.queue, waited)
  }
  return [...lanes.values()]
}

/** Every queue that a call of a plan waits in. */
export const queuesIn = (plan: AnyNode): ReadonlySet<string> =>
  new Set(lanesOf(plan).flatMap(({ lane }) => (lane === systemLane ? [] : [lane.queue])))
