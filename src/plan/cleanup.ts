/** Steps behind something that may have failed, which then ends as it had. */
import { received } from "../define/describe-value.ts"
import { refuse } from "./refuse.ts"
import type { Begin, Next, Rule } from "./rule.ts"
import { unknownWord } from "./unknown.ts"
import type { PlanNode } from "./table.ts"

/** Does `of`, then the cleanup, and ends as `of` has ended; as the cleanup where that fails. */
export interface CleanupNode {
  readonly kind: "cleanup"
  readonly of: PlanNode
  readonly cleanup: PlanNode
  /** The cleanup is for failures only, and given a `Failure`; otherwise for every outcome, which it is given. */
  readonly on?: "failure"
  /** Whether the cleanup is given what `of` was given, too: `{ failure, input }` or `{ outcome, input }`. */
  readonly input?: true
}

const begins: Begin = { do: "first" }
const beginsKeeping: Begin = { do: "first", keeps: true }
const ends: Next = { do: "decide", as: "ended" }
const endsAsBefore: Next = { do: "decide", as: "before" }
const words = new Set(["failure"])

export const cleanup: Rule<CleanupNode> = {
  fields: { kind: true, of: true, cleanup: true, on: true, input: true },
  parts: { of: "node", cleanup: "node" },
  decides: true,
  unknownIn: ({ on, input }) =>
    unknownWord("a cleanup on", on, words) ??
    (input === undefined || input === true
      ? undefined
      : `a cleanup whose input is ${received(input)}`),
  read(node, reading) {
    const { on, input } = node
    if (on !== undefined && on !== "failure") return refuse(`a cleanup is on ${received(on)}`)
    return Object.freeze({
      kind: "cleanup",
      of: reading.node(node["of"]),
      cleanup: reading.node(node["cleanup"]),
      ...(on === undefined ? {} : { on }),
      ...(input === undefined ? {} : { input: true as const })
    })
  },
  children: ({ of, cleanup }) => [
    { node: of, position: 0, outcome: "inside", begins: true },
    { node: cleanup, position: 1, outcome: "inside" }
  ],
  called: (_, position) => (position === 0 ? undefined : "cleanup"),
  begin: ({ input }) => (input === undefined ? begins : beginsKeeping),
  ended({ on, input }, position, tag) {
    if (position > 0) return tag === "Succeeded" ? endsAsBefore : ends
    // What was cancelled has ended with something around it, which takes no more of it.
    if (tag === "Cancelled" || (on === "failure" && tag === "Succeeded")) return ends
    return {
      do: "begin",
      child: 1,
      given: { tell: on ?? "outcome", input: input === true }
    }
  },
  gives: () => 0,
  reach({ child, take, mark }) {
    const inner = child(0)
    if (inner.dead) return inner
    const undo = mark()
    const { dead } = child(1)
    if (inner.done && !dead && take()) return { done: true, dead: false }
    // It is given how the other has ended, which is known anew only where that is taken over.
    if (!inner.done) undo()
    return { done: false, dead }
  }
}
