/** Members side by side over one shared input. */
import { Misfit } from "../define/schema-mismatch.ts"
import { received } from "../define/describe-value.ts"
import { arrayIn, within } from "./place.ts"
import { list, refuse } from "./refuse.ts"
import type { Read, Rule } from "./rule.ts"
import type { PlanNode } from "./table.ts"
import { memberEnded, unknownWait, type Wait, waitIn } from "./wait.ts"

/** Members side by side over one shared input. With `keys` the result is a record, otherwise an array. */
export interface GroupNode {
  readonly kind: "group"
  readonly members: ReadonlyArray<PlanNode>
  readonly keys?: ReadonlyArray<string>
  /** Where a member fails, the others are waited for, and not stopped. */
  readonly wait?: Wait
}

export const group: Rule<GroupNode> = {
  fields: { kind: true, members: true, keys: true, wait: true },
  parts: { members: "list" },
  decides: true,
  unknownIn: ({ wait }) => unknownWait("a group", wait),
  read(node, reading) {
    const members = Object.freeze(list(node["members"]).map(reading.node))
    const wait = waitIn(node)
    if (node["keys"] === undefined) return Object.freeze({ kind: "group", members, ...wait })
    const keys = Object.freeze(list(node["keys"]).map(String))
    if (keys.includes("__proto__")) return refuse("a group's member cannot be called __proto__")
    if (keys.length !== members.length || new Set(keys).size !== keys.length) {
      return refuse("a group's keys do not fit its members")
    }
    return Object.freeze({ kind: "group", members, keys, ...wait })
  },
  children: ({ members }) =>
    members.map((node, position) => ({ node, position, outcome: "inside", member: true })),
  called: ({ keys }, position) => {
    const key = keys?.[position]
    return `member ${key === undefined ? position + 1 : JSON.stringify(key)}`
  },
  begin: ({ members, keys }) =>
    members.length === 0 ? { do: "end", value: keys === undefined ? "[]" : "{}" } : { do: "all" },
  ended: ({ keys, wait }, _, tag) => memberEnded(tag, wait, keys === undefined ? {} : { keys }),
  reader({ members, keys }, { child }) {
    const readers = members.map((_, position) => child(position))
    return keys === undefined ? tupleReader(readers) : recordReader(keys, readers)
  },
  same(node, of) {
    const { keys, members, ...rest } = node
    return keys === undefined
      ? { ...node, members: members.map(of) }
      : { ...rest, named: Object.fromEntries(keys.map((key, at) => [key, of(members[at]!)])) }
  }
}

const tupleReader =
  (members: ReadonlyArray<Read>): Read =>
  (json, branches) => {
    const items = arrayIn(json)
    if (items.length !== members.length) {
      throw new Misfit("", `${members.length} results`, `${items.length}`)
    }
    return members.map((read, at) => within(`[${at}]`, () => read(items[at], branches)))
  }

const recordReader =
  (keys: ReadonlyArray<string>, members: ReadonlyArray<Read>): Read =>
  (json, branches) => {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new Misfit("", "an object", received(json))
    }
    return Object.fromEntries(
      members.map((read, at) => {
        const key = keys[at]!
        if (!Object.hasOwn(json, key)) throw new Misfit(`.${key}`, "present", "missing")
        const item = (json as { [key: string]: unknown })[key]
        return [key, within(`.${key}`, () => read(item, branches))]
      })
    )
  }
