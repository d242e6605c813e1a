/** One body for every item of a list. */
import { received } from "../define/describe-value.ts"
import { branchesOfItem } from "./branches.ts"
import { arrayIn, within } from "./place.ts"
import { refuse } from "./refuse.ts"
import type { Rule } from "./rule.ts"
import type { PlanNode } from "./table.ts"
import { memberEnded, unknownWait, type Wait, waitIn } from "./wait.ts"

/** The body once per item of the list that arrives. */
export interface MapNode {
  readonly kind: "map"
  readonly body: PlanNode
  /** At most this many members under way at a time. */
  readonly concurrency?: number
  /** Where an item fails, the others are waited for, and not stopped. */
  readonly wait?: Wait
}

const items = { items: true } as const

export const map: Rule<MapNode> = {
  fields: { kind: true, body: true, concurrency: true, wait: true },
  parts: { body: "node" },
  decides: true,
  unknownIn: ({ wait }) => unknownWait("a map", wait),
  read(node, reading) {
    const { body, concurrency } = node
    if (
      concurrency !== undefined &&
      !(Number.isSafeInteger(concurrency) && Number(concurrency) >= 1)
    ) {
      return refuse(`a map's concurrency is ${received(concurrency)}`)
    }
    const limit = concurrency === undefined ? {} : { concurrency: Number(concurrency) }
    return Object.freeze({ kind: "map", body: reading.node(body), ...limit, ...waitIn(node) })
  },
  children: () => [],
  begin: ({ body, concurrency }) => ({
    do: "each",
    body,
    ...(concurrency === undefined ? {} : { concurrency })
  }),
  ended: ({ wait }, _, tag) => memberEnded(tag, wait, items),
  reader({ body }, { number, plan }) {
    const read = plan(body)
    return (json, branches) =>
      arrayIn(json).map((item, at) =>
        within(`[${at}]`, () => read(item, branchesOfItem(branches, number, at)))
      )
  },
  hasBranch: ({ body }, said, inside) =>
    typeof said !== "string" && Object.values(said).every((item) => inside(body, item)),
  reach({ items, take }) {
    const all = items()
    return all === undefined
      ? { done: take(), dead: false }
      : { done: all.done && take(), dead: all.dead }
  }
}
