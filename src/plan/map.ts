/** One body for every item of a list. */
import { received } from "../define/describe-value.ts"
import { branchesOfItem } from "./branches.ts"
import { arrayIn, within } from "./place.ts"
import { refuse } from "./refuse.ts"
import type { Next, Rule } from "./rule.ts"
import type { PlanNode } from "./table.ts"

/** The body once per item of the list that arrives. */
export interface MapNode {
  readonly kind: "map"
  readonly body: PlanNode
  /** At most this many members under way at a time. */
  readonly concurrency?: number
}

const joins: Next = { do: "join", items: true }
const fails: Next = { do: "decide", as: "ended", closes: true }

export const map: Rule<MapNode> = {
  fields: { kind: true, body: true, concurrency: true },
  parts: { body: "node" },
  decides: true,
  read({ body, concurrency }, reading) {
    if (
      concurrency !== undefined &&
      !(Number.isSafeInteger(concurrency) && Number(concurrency) >= 1)
    ) {
      return refuse(`a map's concurrency is ${received(concurrency)}`)
    }
    const limit = concurrency === undefined ? {} : { concurrency: Number(concurrency) }
    return Object.freeze({ kind: "map", body: reading.node(body), ...limit })
  },
  children: () => [],
  begin: ({ body, concurrency }) => ({
    do: "each",
    body,
    ...(concurrency === undefined ? {} : { concurrency })
  }),
  ended: (_, _position, tag) => (tag === "Succeeded" ? joins : fails),
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
