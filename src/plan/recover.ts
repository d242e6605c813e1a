/** Something else in the place of what failed. */
import { Misfit } from "../define/schema-mismatch.ts"
import { branchAt } from "./branches.ts"
import { list, refuse } from "./refuse.ts"
import type { Begin, Next, Read, Rule } from "./rule.ts"
import { unknownWord } from "./unknown.ts"
import type { PlanNode } from "./table.ts"

/** When `of` fails with a declared error, or ends otherwise, whose tag has a fallback, the fallback takes its place. */
export interface RecoverNode {
  readonly kind: "recover"
  readonly of: PlanNode
  readonly fallbacks: { readonly [tag: string]: PlanNode }
  /** The tags whose fallback is given `{ error, input }` instead of the error, in order; `input` is what `of` was given. */
  readonly inputs?: ReadonlyArray<string>
  /** The tags that are of no declared error, in order: `Crashed`, `TimedOut`. */
  readonly undeclared?: ReadonlyArray<string>
}

const begins: Begin = { do: "first" }
const beginsKeeping: Begin = { do: "first", keeps: true }
const passes: Next = { do: "pass" }
const ends: Next = { do: "decide", as: "ended" }

/** How something can end that a fallback is for, although nobody declared it. */
const endings = new Set(["Crashed", "TimedOut"])

export const recover: Rule<RecoverNode> = {
  fields: { kind: true, of: true, fallbacks: true, inputs: true, undeclared: true },
  parts: { of: "node", fallbacks: "record" },
  decides: true,
  unknownIn: ({ undeclared }) =>
    Array.isArray(undeclared)
      ? undeclared
          .map((tag: unknown) => unknownWord("a recover with a fallback for", tag, endings))
          .find((words) => words !== undefined)
      : undefined,
  read(node, reading) {
    const { fallbacks } = node
    if (typeof fallbacks !== "object" || fallbacks === null) {
      return refuse("a recover has no fallbacks")
    }
    const entries = Object.entries(fallbacks).map(
      ([tag, fallback]) => [tag, reading.node(fallback)] as const
    )
    const tagsIn = (field: "inputs" | "undeclared"): Partial<RecoverNode> => {
      const tags = node[field] === undefined ? [] : list(node[field]).map(String)
      const stranger = tags.find((tag) => !Object.hasOwn(fallbacks, tag))
      if (stranger !== undefined) {
        return refuse(`a recover names a fallback for ${stranger}, which it has not`)
      }
      return tags.length === 0 ? {} : { [field]: Object.freeze(tags) }
    }
    return Object.freeze({
      kind: "recover",
      of: reading.node(node["of"]),
      fallbacks: Object.freeze(Object.fromEntries(entries)),
      ...tagsIn("inputs"),
      ...tagsIn("undeclared")
    })
  },
  children: ({ of, fallbacks }) => [
    { node: of, position: 0, outcome: "inside", begins: true },
    ...Object.entries(fallbacks).map(
      ([tag, node], at) => ({ node, position: at + 1, outcome: "parent", branch: tag }) as const
    )
  ],
  called: ({ fallbacks }, position) =>
    position === 0 ? undefined : `fallback for ${Object.keys(fallbacks)[position - 1]}`,
  begin: ({ inputs }) => (inputs === undefined ? begins : beginsKeeping),
  ended(node, position, tag) {
    if (position > 0) return passes
    if (tag === "Failed") {
      return { do: "look", then: (error) => fallbackFor(node, error, true) }
    }
    return node.undeclared?.includes(tag) === true ? fallbackFor(node, tag, false) : ends
  },
  reader: ({ fallbacks }, { number, child }) =>
    branchReader(
      number,
      child(0),
      new Map(Object.keys(fallbacks).map((tag, at) => [tag, child(at + 1)]))
    ),
  hasBranch: ({ fallbacks }, said) => typeof said === "string" && Object.hasOwn(fallbacks, said),
  // Around a dead call it is not done, although it has succeeded.
  reach({ child, children, take, mark }) {
    const inner = child(0)
    if (inner.dead) return inner
    const undo = mark()
    // At most one fallback has begun; what it was given is taken over only together with what came of it.
    const { dead } = children(1)
    if (!dead && take()) return { done: true, dead: false }
    undo()
    return { done: false, dead }
  }
}

const fallbackFor = (
  { fallbacks, undeclared = [], inputs = [] }: RecoverNode,
  tag: string | undefined,
  declared: boolean
): Next => {
  const at = Object.keys(fallbacks).findIndex((name) => name === tag)
  if (tag === undefined || at < 0 || undeclared.includes(tag) === declared) return ends
  return { do: "begin", child: at + 1, given: { tell: "error", input: inputs.includes(tag) } }
}

/** What a recovered workflow gives is read by the branch that gave it, which the outcome names. */
const branchReader =
  (number: number, main: Read, fallbacks: ReadonlyMap<string, Read>): Read =>
  (json, branches) => {
    const tag = branchAt(branches, number)
    if (tag === undefined) return main(json, branches)
    const read = fallbacks.get(tag)
    if (read !== undefined) return read(json, branches)
    throw new Misfit(
      "",
      "what this workflow gives",
      `what its fallback for ${tag} gave, which it does not have`
    )
  }
