/** Steps one after another. */
import { list, refuse } from "./refuse.ts"
import type { Next, Rule } from "./rule.ts"
import { isSleepNode } from "./sleep.ts"
import type { PlanNode } from "./table.ts"

/** Steps one after another. Never empty; nested chains stay nested. */
export interface ChainNode {
  readonly kind: "chain"
  readonly steps: ReadonlyArray<PlanNode>
}

const begins = { do: "first" } as const
const passes: Next = { do: "pass" }
const fails: Next = { do: "decide", as: "ended" }

export const chain: Rule<ChainNode> = {
  fields: { kind: true, steps: true },
  parts: { steps: "list" },
  needsParts: true,
  decides: false,
  read(node, reading) {
    const steps = list(node["steps"]).map(reading.node)
    if (steps.length === 0) return refuse("a chain has no steps")
    return steps.every(isSleepNode)
      ? refuse("a chain has nothing but a sleep")
      : Object.freeze({ kind: "chain", steps: Object.freeze(steps) })
  },
  children: ({ steps }) =>
    steps.map((node, position) => {
      const outcome = position === steps.length - 1 ? "parent" : "own"
      return position === 0
        ? { node, position, outcome, begins: true }
        : { node, position, outcome }
    }),
  called: (_, position) => `step ${position + 1}`,
  begin: () => begins,
  ended({ steps }, position, tag) {
    if (position === steps.length - 1) return passes
    return tag === "Succeeded" ? { do: "begin", child: position + 1, given: "value" } : fails
  },
  // A sleep reads nothing of what it gives on.
  receives: ({ steps }) => steps.findIndex((step) => !isSleepNode(step)),
  gives: ({ steps }) => steps.findLastIndex((step) => !isSleepNode(step))
}
