/** What becomes of what arrives at a node. */
import type { AnyNode } from "../define/plan.ts"
import { receiverOf, ruleOf } from "./table.ts"

/**
 * Something takes it; nothing is asked for; nothing is, but it is kept for what may come later; or it is dropped, whatever
 * it is.
 */
export type Arrival = "taken" | "nothing" | "kept" | "dropped"

export const arrivalAt = (node: AnyNode): Arrival => {
  const rule = ruleOf(node)
  const begins = rule.begin(node)
  switch (begins.do) {
    case "call":
      return rule.takes?.(node, new Map()) === undefined ? "nothing" : "taken"
    case "end":
      return begins.value === undefined ? "taken" : "dropped"
    case "each":
      return "taken"
    case "sleep":
      return "nothing"
    case "first": {
      if (begins.given === "nothing") return "dropped"
      const first = arrivalAt(receiverOf(node))
      if (begins.keeps !== true) return first
      return first === "nothing" ? "kept" : "taken"
    }
    case "all":
      return together(rule.children(node).map((child) => arrivalAt(child.node)))
  }
}

const together = (all: ReadonlyArray<Arrival>): Arrival => {
  if (all.every((one) => one === "nothing")) return "nothing"
  if (all.every((one) => one === "nothing" || one === "kept")) return "kept"
  return all.every((one) => one === "nothing" || one === "dropped") ? "dropped" : "taken"
}

/** Whether it would be dropped, so that nobody has to read it. */
export const takesNothing = (node: AnyNode): boolean =>
  ["nothing", "dropped"].includes(arrivalAt(node))

/** Whether nothing is to be given: every call has all its arguments. */
export const needsNothing = (node: AnyNode): boolean =>
  ["nothing", "kept"].includes(arrivalAt(node))
