/**
 * A value on its way between steps, opaque text or a reference to where it is kept: the engine composes values, it never
 * looks into them. And what an outcome says of the way its value came, worked out where it is committed, from the place of
 * its node: a handler's returned workflow is read by the contract of the task it replaces, so nothing inside it is told outside.
 */
import { jsonText, rereadJson } from "../define/json-text.ts"
import type { Reference } from "../encode/value-ref.ts"
import { type Branches, mergedBranches, itemsBranches } from "../plan/branches.ts"
import type { Verdict } from "./verdict.ts"
import type { Position, Frame } from "./flow/position.ts"
import { isCall } from "../define/plan.ts"
import type { Records } from "./records.ts"
import { type Soon, onceThere } from "../define/awaitable.ts"

export type Value = { readonly text: string } | { readonly reference: Reference }

export const nothing: Value = { text: "null" }

/** Members' values as one array, or as one record when they have names. */
export const joinTexts = (
  texts: ReadonlyArray<string>,
  keys: ReadonlyArray<string> | undefined
): string =>
  keys === undefined
    ? `[${texts.join(",")}]`
    : `{${texts.map((text, at) => `${JSON.stringify(keys[at])}:${text}`).join(",")}}`

/** The arguments of a call: what arrives in its place, and what the call was built with; both are JSON. */
export const joinArguments = (arriving: string, others: string, open = 0): string => {
  if (others === "[]") return `[${arriving}]`
  if (open === 0) return `[${arriving},${others.slice(1)}`
  const texts = (rereadJson(others) as ReadonlyArray<unknown>).map((each) => jsonText(each))
  return `[${texts.toSpliced(open, 0, arriving).join(",")}]`
}

/** How much a list takes, as far as that can be told from here. */
export const sizeOf = (value: Value | undefined): number => {
  if (value === undefined) return 0
  if ("text" in value) return value.text.length
  return value.reference.from === "chunks" ? value.reference.bytes : 0
}

/** Of the members of a scope, said of the scope; `map` is the number of a map whose items they are. */
export const joinedBranches = (
  map: number | undefined,
  members: ReadonlyArray<Branches | undefined>
): Branches | undefined =>
  map === undefined ? mergedBranches(...members) : itemsBranches(map, members)

/** What stands beside the value itself. */
export const ownBranches = ({ branches }: Pick<Verdict, "branches">): Branches | undefined =>
  branches !== undefined && "text" in branches ? branchesIn(branches.text) : undefined

export const branchesIn = (text: string): Branches => JSON.parse(text) as Branches

export const textOf = (branches: Branches): Value => ({ text: JSON.stringify(branches) })

/** The fallbacks whose value the outcome at a position is, and whether it is also the outcome of the whole frame. */
const fallbacksOver = ({
  frame,
  index,
  node
}: Position): {
  readonly tags: { readonly [node: string]: string } | undefined
  readonly whole: boolean
} => {
  let tags: { [node: string]: string } | undefined
  let at = frame.plan[node]!
  for (;;) {
    const { role, parent } = at
    if (role.outcome === "frame") return { tags, whole: index === undefined }
    if (role.outcome !== "parent") return { tags, whole: false }
    if (role.branch !== undefined) {
      tags ??= {}
      tags[parent] = role.branch
    }
    at = frame.plan[parent]!
  }
}

/** How what comes of a workflow is read that a handler returned for the call at a position. */
export const readAs = (at: Position): Required<Pick<Frame, "task">> & Pick<Frame, "branches"> => {
  const { frame, node } = at
  const call = frame.plan[node]!.node
  const task = frame.task ?? (isCall(call) ? call.task : "")
  const { tags, whole } = fallbacksOver(at)
  const branches = frame.task === undefined ? tags : whole ? frame.branches : undefined
  return { task, ...(branches === undefined ? {} : { branches }) }
}

/** The outcome as it is stored at a position. */
export const withBranches = (records: Records, at: Position, verdict: Verdict): Soon<Verdict> => {
  const { frame } = at
  if (frame.task !== undefined) return replaced(at, frame.task, verdict)
  if (verdict.tag !== "Succeeded" || frame.plan[at.node]!.role.outcome === "frame") return verdict
  const { tags } = fallbacksOver(at)
  return tags === undefined ? verdict : withTags(records, frame, verdict, tags)
}

/** The outcome that a node takes over from a child, with what that child is called where its value may come by several ways. */
export const takenFrom = (
  records: Records,
  { frame, node }: Position,
  verdict: Verdict
): Soon<Verdict> => {
  const { role, parent } = frame.plan[node]!
  return role.branch === undefined || verdict.tag !== "Succeeded"
    ? verdict
    : withTags(records, frame, verdict, { [parent]: role.branch })
}

const withTags = (
  records: Records,
  { run }: Frame,
  verdict: Verdict,
  tags: Branches
): Soon<Verdict> => {
  const { branches = textOf({}) } = verdict
  return onceThere(
    "text" in branches ? branches.text : records.resolve(run.address, branches),
    (text) => ({ ...verdict, branches: textOf({ ...branchesIn(text), ...tags }) })
  )
}

/** What happens inside of a returned workflow is known outside by the task whose place it takes. */
const replaced = (at: Position, task: string, verdict: Verdict): Verdict => {
  const { decided } = verdict
  if (verdict.tag === "Failed" && decided !== undefined) {
    return { ...verdict, decided: { ...decided, declared: task } }
  }
  if (verdict.tag !== "Succeeded") return verdict
  const { branches: _, ...rest } = verdict
  const said = fallbacksOver(at).whole ? at.frame.branches : undefined
  return said === undefined ? rest : { ...rest, branches: textOf(said) }
}

/** What `settle` says of the outcome it gives. */
export const settledBranches = (
  { node }: Position,
  { tag, decided }: Verdict,
  inner: Branches | undefined
): Pick<Verdict, "branches"> => {
  const declared = tag === "Failed" ? decided?.declared : undefined
  const branches = tag === "Succeeded" ? inner : declared && { [node]: declared }
  return branches === undefined || branches === "" ? {} : { branches: textOf(branches) }
}
