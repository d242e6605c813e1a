/** A callback, started when something has ended. */
import { received } from "../define/describe-value.ts"
import { refuse } from "./refuse.ts"
import type { Next, Rule } from "./rule.ts"
import { unknownWord } from "./unknown.ts"
import type { PlanNode } from "./table.ts"

/** Gives what `of` gives. Once that is committed, the callback is started as a run of its own, if it ended as said. */
export interface HookNode {
  readonly kind: "hook"
  readonly on: "success" | "failure"
  readonly of: PlanNode
  readonly callback: PlanNode
}

const begins = { do: "first" } as const
const passes: Next = { do: "pass" }
const words = new Set(["success", "failure"])

export const hook: Rule<HookNode> = {
  fields: { kind: true, on: true, of: true, callback: true },
  parts: { of: "node", callback: "node" },
  decides: false,
  unknownIn: ({ on }) => unknownWord("a hook on", on, words),
  read({ on, of, callback }, reading) {
    if (on !== "success" && on !== "failure") return refuse(`a hook is on ${received(on)}`)
    return Object.freeze({
      kind: "hook",
      on,
      of: reading.node(of),
      callback: reading.node(callback)
    })
  },
  children: ({ of }) => [{ node: of, position: 0, outcome: "parent", begins: true, watched: true }],
  begin: () => begins,
  ended: () => passes,
  starts({ on, callback }, tag) {
    if (on === "success") {
      return tag === "Succeeded" ? { plan: callback, given: "value" } : undefined
    }
    return tag === "Succeeded" || tag === "Cancelled"
      ? undefined
      : { plan: callback, given: "failure" }
  },
  gives: () => 0
}
