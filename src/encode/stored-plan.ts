/** Reads a plan that a message carries or a record holds. What this release does not know in it is for a newer one: never guessed at, never passed over. */
import { rereadJson } from "../define/json-text.ts"
import { received } from "../define/describe-value.ts"
import { unknownIn } from "../plan/newer.ts"
import type { Fields } from "../plan/rule.ts"
import { knownRule, type PlanNode } from "../plan/table.ts"
import { Unreadable } from "./codec.ts"

/** The plan in this text. Throws `Unreadable`. */
export const storedPlan = (text: string): PlanNode => {
  const plan = parse(text)
  const waiting: Array<unknown> = [plan]
  while (waiting.length > 0) {
    const node = waiting.pop()
    if (typeof node !== "object" || node === null) throw broken(`a node that is ${received(node)}`)
    for (const child of partsOf(node as Fields)) waiting.push(child)
  }
  return plan as PlanNode
}

/** What stands inside a node, read by the rule of its kind. */
const partsOf = (node: Fields): ReadonlyArray<unknown> => {
  const unknown = unknownIn(node)
  if (unknown !== undefined) {
    throw new Unreadable({
      why: "newer",
      message: `a plan with ${unknown}, which this release does not know`
    })
  }
  const rule = knownRule(node["kind"])
  if (rule === undefined) throw broken(`a node of no kind: ${received(node["kind"])}`)
  return Object.entries(rule.parts).flatMap(([field, form]) => {
    const part = node[field]
    if (form === "node") return [part]
    if (form === "record") return Object.values(Object(part) as Fields)
    if (list(part).length === 0 && rule.needsParts === true)
      throw broken(`a ${String(node["kind"])} without ${field}`)
    return list(part)
  })
}

const list = (json: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(json)) return json
  throw broken(`a list that is ${received(json)}`)
}

const parse = (text: string): unknown => {
  try {
    return rereadJson(text)
  } catch {
    throw broken("a text that is no JSON")
  }
}

const broken = (what: string): Unreadable =>
  new Unreadable({ why: "broken", message: `its plan has ${what}` })
