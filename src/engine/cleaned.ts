/** What a cleanup is given, and how something ends that has one. */
import type { CleanupNode, PlanNode } from "../define/plan.ts"
import { runIdOf } from "../encode/subjects.ts"
import { lost } from "./chunks.ts"
import { moved, placeOf, type Position, stepOf } from "./frame.ts"
import { type Instead, withInputOf } from "./recovered.ts"
import type { Records } from "./records.ts"
import { behind } from "./sender.ts"
import { settled } from "./settled.ts"
import { nothing } from "./value.ts"
import { failureText, type Verdict } from "./verdict.ts"

/** The cleanup of what has ended so, or an outcome where that cannot be told; `undefined` where there is nothing to be done. */
export const cleanupFor = async (
  records: Records,
  at: Position,
  verdict: Verdict,
  again: boolean
): Promise<Instead | Verdict | undefined> => {
  const { node, children } = at.frame.plan[at.node]!
  // What was cancelled has ended with something around it, which takes no more of it.
  if (node.kind !== "cleanup" || verdict.tag === "Cancelled") return undefined
  if (node.on === "failure" && verdict.tag === "Succeeded") return undefined
  const cleanup = moved(at, children[1]!)
  const beginning = behind(verdict, again)
  if (takesNothing(node.cleanup)) return { at: cleanup, input: nothing, beginning }
  const told = await toldText(records, at, node, verdict)
  if (typeof told !== "string") return told
  return node.input === undefined
    ? { at: cleanup, input: { text: told }, beginning }
    : withInputOf(records, at, cleanup, node.on ?? "outcome", told, beginning)
}

const toldText = async (
  records: Records,
  at: Position,
  { on }: CleanupNode,
  verdict: Verdict
): Promise<string | Verdict> => {
  const { address } = at.frame.run
  if (on === "failure") {
    return failureText(runIdOf(address), verdict, await records.resolve(address, verdict.value))
  }
  const told = await settled(records, at, verdict)
  return told.tag === "Succeeded" && "text" in told.value ? told.value.text : told
}

/** How it ends when its cleanup has: as it had ended before, or as a cleanup that failed. */
export const cleanedUp = async (
  records: Records,
  at: Position,
  verdict: Verdict
): Promise<Verdict> => {
  if (verdict.tag !== "Succeeded") return verdict
  const { frame, node } = at
  const inside = placeOf(moved(at, frame.plan[node]!.children[0]!))
  const before = await records.outcome(frame.run.address, inside)
  if (before === undefined) throw lost(`what came before the cleanup of ${stepOf(at)}`)
  return before
}

/** Whether what arrives would be dropped, so that nobody has to read it. */
const takesNothing = (plan: PlanNode): boolean => {
  switch (plan.kind) {
    case "call":
      return !plan.partial
    case "ignore":
      return true
    case "chain":
      return takesNothing(plan.steps[0]!)
    case "group":
      return plan.members.every(takesNothing)
    case "pass":
    case "map":
      return false
    case "settle":
    case "hook":
      return takesNothing(plan.of)
    case "recover":
      return plan.inputs === undefined && takesNothing(plan.of)
    case "cleanup":
      return plan.input === undefined && takesNothing(plan.of)
  }
}
