/** What arrives is dropped. */
import type { Begin, Next, Rule } from "./rule.ts"
import type { PlanNode } from "./table.ts"

/** Drops what arrives; `of` starts without input. */
export interface IgnoreNode {
  readonly kind: "ignore"
  readonly of: PlanNode
}

const begins: Begin = { do: "first", given: "nothing" }
const passes: Next = { do: "pass" }

export const ignore: Rule<IgnoreNode> = {
  fields: { kind: true, of: true },
  parts: { of: "node" },
  decides: false,
  read: (node, reading) => Object.freeze({ kind: "ignore", of: reading.node(node["of"]) }),
  children: ({ of }) => [{ node: of, position: 0, outcome: "parent", begins: true }],
  begin: () => begins,
  ended: () => passes,
  gives: () => 0
}
