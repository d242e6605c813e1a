/** Which fallback of a recover takes the place of what failed, and what it is given. */
import { runIdOf } from "../encode/subjects.ts"
import { inputPlaceOf, moved, type Position, stepOf } from "./frame.ts"
import { lost } from "./chunks.ts"
import type { Records } from "./records.ts"
import { behind, type Beginning } from "./sender.ts"
import type { Value } from "./value.ts"
import { errorTag, outcomeText, type Verdict } from "./verdict.ts"

/** What begins behind something that has ended, and inside of what is around both. */
export interface Instead {
  readonly at: Position
  readonly input: Value
  readonly beginning: Beginning
}

/** The fallback for what became of a recover's inside; `undefined` where the recover ends as that did. */
export const fallbackFor = async (
  records: Records,
  at: Position,
  verdict: Verdict,
  again: boolean
): Promise<Instead | undefined> => {
  const { node, children } = at.frame.plan[at.node]!
  if (node.kind !== "recover") return undefined
  const { undeclared = [], inputs = [] } = node
  const declared = verdict.tag === "Failed"
  if (!declared && !undeclared.includes(verdict.tag)) return undefined
  const { address } = at.frame.run
  const text = await records.resolve(address, verdict.value)
  const tag = declared ? errorTag(verdict, text) : verdict.tag
  const position = Object.keys(node.fallbacks).findIndex((name) => name === tag)
  if (tag === undefined || position < 0 || undeclared.includes(tag) === declared) return undefined
  const error = declared ? text : outcomeText(runIdOf(address), verdict, text)
  const fallback = moved(at, children[position + 1]!)
  const beginning = behind(verdict, again)
  return inputs.includes(tag)
    ? withInputOf(records, at, fallback, "error", error, beginning)
    : { at: fallback, input: { text: error }, beginning }
}

/** What begins with how something has ended, under this name, together with what that was given. */
export const withInputOf = async (
  records: Records,
  around: Position,
  at: Position,
  name: "error" | "failure" | "outcome",
  told: string,
  beginning: Beginning
): Promise<Instead> => {
  const { address } = around.frame.run
  const kept = await records.outcome(address, inputPlaceOf(around))
  if (kept === undefined) throw lost(`what ${stepOf(around)} was given`)
  const input = await records.resolve(address, kept.value)
  return {
    at,
    input: { text: `{"${name}":${told},"input":${input}}` },
    // What either comes from decides how carefully both are read.
    beginning: { ...behind(kept, beginning.again), ...beginning }
  }
}
