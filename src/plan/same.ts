/**
 * One text for workflows and inputs that mean the same, to tell whether a key was given the same piece of work.
 *
 * The order of keys in an object means nothing, nor does that of a Map's or a Set's entries; the order of a list does. The
 * fingerprints of contracts are left out: a deploy that only widens one does not make it other work.
 */
import type { AnyNode, Json } from "../define/plan.ts"
import type { TaskTable } from "../define/workflow.ts"
import { canonical, valueOf } from "./same-value.ts"
import { receiverOf, ruleOf } from "./table.ts"

/** The text of a plan with the input that it is run with. */
export const sameText = (plan: AnyNode, tasks: TaskTable, input: Json | undefined): string =>
  canonical([planOf(plan, tasks), input === undefined ? null : inputOf(plan, tasks, input)])

/** A plan without what does not count; what looks like a part of a plan inside an argument is an argument. */
const planOf = (plan: AnyNode, tasks: TaskTable): unknown => {
  const of = (node: AnyNode): unknown => planOf(node, tasks)
  const { same, parts } = ruleOf(plan)
  if (same !== undefined) return same(plan, of, tasks)
  const holds = plan as unknown as { readonly [field: string]: unknown }
  const parted = Object.entries(parts).map(([field, form]) => {
    const part = holds[field]
    if (form === "node") return [field, of(part as AnyNode)] as const
    if (form === "list") return [field, (part as ReadonlyArray<AnyNode>).map(of)] as const
    const entries = Object.entries(part as { readonly [name: string]: AnyNode })
    return [field, Object.fromEntries(entries.map(([name, node]) => [name, of(node)]))] as const
  })
  return { ...plan, ...Object.fromEntries(parted) }
}

/** The input of a plan, in the order that its receivers' schemas leave open. */
const inputOf = (node: AnyNode, tasks: TaskTable, input: Json): Json => {
  const rule = ruleOf(node)
  const taken = rule.takes?.(node, tasks)
  if (taken !== undefined) return valueOf(taken.codec?.ast, input)
  const begins = rule.begin(node)
  switch (begins.do) {
    case "call":
    case "end":
    case "sleep":
      return input
    case "first":
      return begins.given === "nothing" ? input : inputOf(receiverOf(node), tasks, input)
    case "all":
      return rule.children(node).reduce((told, child) => inputOf(child.node, tasks, told), input)
    case "each":
      return Array.isArray(input)
        ? input.map((item: Json) => inputOf(begins.body, tasks, item))
        : input
  }
}
