/** An outcome as a value. */
import { branchAt } from "./branches.ts"
import { errorReader, readOutcome } from "./outcome.ts"
import type { Next, Rule } from "./rule.ts"
import type { PlanNode } from "./table.ts"

/** Succeeds with the outcome of `of`, whatever it is. */
export interface SettleNode {
  readonly kind: "settle"
  readonly of: PlanNode
}

const begins = { do: "first" } as const
const settles: Next = { do: "decide", as: "settled" }

export const settle: Rule<SettleNode> = {
  fields: { kind: true, of: true },
  parts: { of: "node" },
  decides: true,
  read: (node, reading) => Object.freeze({ kind: "settle", of: reading.node(node["of"]) }),
  children: ({ of }) => [{ node: of, position: 0, outcome: "inside", begins: true }],
  begin: () => begins,
  ended: () => settles,
  reader(_, { tasks, number, child }) {
    const value = child(0)
    const errors = errorReader(tasks)
    return (json, branches) =>
      readOutcome(json, (inner) => value(inner, branches), errors, branchAt(branches, number))
  },
  hasBranch: (_, said) => typeof said === "string",
  // Around a dead call it is not done, although it has succeeded.
  reach({ child, take }) {
    const { dead } = child(0)
    return { done: !dead && take(), dead }
  }
}
