/** The value of a scope whose members have all succeeded. */
import type { Next } from "../../plan/rule.ts"
import { joinedBranches, ownBranches, textOf, joinTexts } from "../value.ts"
import type { Context } from "../context.ts"
import { stepOf, type Position } from "./position.ts"
import type { Verdict } from "../verdict.ts"

/** How members are joined. */
export type Joining = Extract<Next, { readonly do: "join" }>

/** Joined values up to this size, in bytes, stand in the outcome of their scope. */
const joinedInline = 64 * 1024

/** The success of a scope whose members have all succeeded. */
export const joined = (
  { broker, worker }: Context,
  at: Position,
  joins: Joining,
  members: ReadonlyArray<Verdict>
): Verdict => {
  const now = broker.now()
  const contract = members.find(({ contract }) => contract !== undefined)?.contract
  const crossing = contract ?? at.frame.contract
  return {
    tag: "Succeeded",
    ...joinedValue(at, joins, members),
    step: stepOf(at),
    attempt: 1,
    worker,
    began: members.reduce((first, { began }) => Math.min(first, began), now),
    ended: now,
    ...(crossing === undefined ? {} : { contract: crossing })
  }
}

/** Members' values: themselves while they are small, else where they are kept. */
const joinedValue = (
  at: Position,
  { keys, items }: Joining,
  members: ReadonlyArray<Verdict>
): Pick<Verdict, "value" | "branches"> => {
  const map = items === true ? at.node : undefined
  const texts = members.flatMap(({ value }) => ("text" in value ? [value.text] : []))
  const said = members.flatMap(({ branches }) => (branches === undefined ? [] : [branches]))
  const ways = said.flatMap((branches) => ("text" in branches ? [branches.text] : []))
  const size = [...texts, ...ways].reduce((sum, text) => sum + text.length, 0)
  if (texts.length === members.length && ways.length === said.length && size <= joinedInline) {
    const value = { text: joinTexts(texts, keys) }
    const branches = said.length === 0 ? undefined : joinedBranches(map, members.map(ownBranches))
    return branches === undefined ? { value } : { value, branches: textOf(branches) }
  }
  const count = members.length
  const scope = stepOf(at)
  return {
    value: {
      reference: {
        from: "members",
        scope,
        count,
        ...(keys === undefined ? {} : { keys }),
        ...(map === undefined ? {} : { map })
      }
    }
  }
}
