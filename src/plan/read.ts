/** Reads a plan from JSON of unknown origin: every node checked, copied and frozen. */
import { received } from "../define/describe-value.ts"
import { unknownIn } from "./newer.ts"
import { refuse } from "./refuse.ts"
import type { Fields, Named, Reading } from "./rule.ts"
import { knownRule, type PlanNode } from "./table.ts"

/** The plan in `json`. Throws a `CompositionError`, and an `InvalidInput` for arguments that do not fit their task. */
export const readPlan = (json: unknown, named: Named): PlanNode => {
  const reading: Reading = {
    ...named,
    node: (json) => {
      if (typeof json !== "object" || json === null) return refuse(`a node is ${received(json)}`)
      const node = json as Fields
      const unknown = unknownIn(node)
      if (unknown !== undefined) {
        return refuse(`${unknown} comes from a newer release than this one: upgrade this process`)
      }
      const rule = knownRule(node["kind"])
      return rule === undefined
        ? refuse(`a node has the kind ${received(node["kind"])}`)
        : (rule.read(node, reading) as PlanNode)
    }
  }
  return reading.node(json)
}
