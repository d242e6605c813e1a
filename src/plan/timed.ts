/** Whether something in a plan waits: a sleep, or a call that says when it may begin or by when it has to. */
import { type AnyNode, isCall } from "../define/plan.ts"
import { everyNode } from "./every-node.ts"
import { isSleepNode, type SleepNode } from "./sleep.ts"

/** Whether a call is not sent as others are. */
export const hasTimes = (node: AnyNode): boolean =>
  isCall(node) && (node.delay !== undefined || node.eta !== undefined || node.expires !== undefined)

/** The body of a map and callbacks count, too. */
export const isTimed = (plan: AnyNode): boolean => {
  for (const node of everyNode(plan)) if (isSleepNode(node) || hasTimes(node)) return true
  return false
}

/** What is wrong with a plan that is started again and again: a moment in it would be the same for each of its runs. */
export const whyNotEachTime = (plan: AnyNode): string | undefined => {
  for (const node of everyNode(plan)) {
    const why = fixedMoment(node)
    if (why !== undefined) return why
  }
  return undefined
}

const fixedMoment = (node: AnyNode): string | undefined => {
  const same = "which is the same moment for each of its runs"
  if (isSleepNode(node) && (node as SleepNode).until !== undefined) {
    return `its workflow has a sleep until a Date, ${same}: say how long, for example sleep("5 minutes")`
  }
  if (!isCall(node)) return undefined
  if (node.eta !== undefined) {
    return `${node.task} has an eta, ${same}: say delay, for example .with({ delay: "5 minutes" })`
  }
  return node.expires !== undefined && "at" in node.expires
    ? `${node.task} has a Date for expires, ${same}: say how long after it could be queued, for example .with({ expires: "5 minutes" })`
    : undefined
}
