/** Reads a plan that a message carries or a record holds. What this release does not know in it is for a newer one: never guessed at, never passed over. */
import { rereadJson } from "../define/json-text.ts"
import type { PlanNode } from "../define/plan.ts"
import { received, shorten } from "../define/received.ts"
import { Unreadable } from "./parcel.ts"

type Node = { readonly [field: string]: unknown }

/** The fields of each kind of node. */
const fields: { readonly [K in PlanNode["kind"]]: ReadonlySet<string> } = {
  call: new Set([
    "kind",
    "task",
    "fingerprint",
    "args",
    "partial",
    "open",
    "queue",
    "timeout",
    "retry",
    "headers"
  ]),
  chain: new Set(["kind", "steps"]),
  group: new Set(["kind", "members", "keys"]),
  map: new Set(["kind", "body", "concurrency"]),
  ignore: new Set(["kind", "of"]),
  settle: new Set(["kind", "of"]),
  pass: new Set(["kind", "fingerprint"]),
  recover: new Set(["kind", "of", "fallbacks", "inputs", "undeclared"]),
  cleanup: new Set(["kind", "of", "cleanup", "on", "input"]),
  hook: new Set(["kind", "on", "of", "callback"])
}

const retryFields = new Set(["times", "backoff", "initial", "max", "jitter", "on"])
const backoffs = new Set(["constant", "linear", "exponential"])

/** The plan in this text. Throws `Unreadable`. */
export const storedPlan = (text: string): PlanNode => {
  const plan = parse(text)
  const waiting: Array<unknown> = [plan]
  while (waiting.length > 0) {
    const node = waiting.pop()
    if (typeof node !== "object" || node === null) throw broken(`a node that is ${received(node)}`)
    for (const child of childrenOf(node as Node)) waiting.push(child)
  }
  return plan as PlanNode
}

/** What of a node this release does not know, if anything. */
export const unknownIn = (node: Node): string | undefined => {
  const { kind } = node
  const known = Object.hasOwn(fields, String(kind)) ? fields[kind as PlanNode["kind"]] : undefined
  if (known === undefined) {
    return typeof kind === "string" ? `a node of the unknown kind ${received(kind)}` : undefined
  }
  for (const name in node) if (!known.has(name)) return fieldOf(String(kind), name)
  if (kind === "recover") return unknownEnding(node["undeclared"])
  if (kind === "cleanup") {
    return unknownWord("a cleanup on", node["on"], cleanups) ?? unknownInput(node["input"])
  }
  if (kind === "hook") return unknownWord("a hook on", node["on"], hooks)
  if (kind !== "call") return undefined
  const { open } = node
  if (open !== undefined && !(Number.isSafeInteger(open) && Number(open) >= 1)) {
    return `a call whose open argument is ${received(open)}`
  }
  if (node["retry"] === undefined) return undefined
  const retry = Object(node["retry"]) as Node
  for (const name in retry) if (!retryFields.has(name)) return fieldOf("call", `retry.${name}`)
  return unknownWord("a retry whose backoff is", retry["backoff"], backoffs)
}

/** How something can end that a fallback is for, although nobody declared it. */
const endings = new Set(["Crashed", "TimedOut"])

const unknownEnding = (tags: unknown): string | undefined =>
  Array.isArray(tags)
    ? tags
        .map((tag: unknown) => unknownWord("a recover with a fallback for", tag, endings))
        .find((words) => words !== undefined)
    : undefined

const hooks = new Set(["success", "failure"])
const cleanups = new Set(["failure"])

const unknownInput = (input: unknown): string | undefined =>
  input === undefined || input === true ? undefined : `a cleanup whose input is ${received(input)}`

const unknownWord = (of: string, word: unknown, words: ReadonlySet<string>): string | undefined =>
  typeof word === "string" && !words.has(word) ? `${of} ${received(word)}` : undefined

const fieldOf = (kind: string, name: string): string =>
  `a ${kind} that has a field ${JSON.stringify(shorten(name))}`

const childrenOf = (node: Node): ReadonlyArray<unknown> => {
  const unknown = unknownIn(node)
  if (unknown !== undefined) {
    throw new Unreadable({
      why: "newer",
      message: `a plan with ${unknown}, which this release does not know`
    })
  }
  switch (node["kind"]) {
    case "call":
    case "pass":
      return []
    case "chain":
      return some(node["steps"])
    case "group":
      return list(node["members"])
    case "map":
      return [node["body"]]
    case "ignore":
    case "settle":
      return [node["of"]]
    case "cleanup":
      return [node["of"], node["cleanup"]]
    case "hook":
      return [node["of"], node["callback"]]
    case "recover":
      return [node["of"], ...Object.values(Object(node["fallbacks"]) as Node)]
    default:
      throw broken(`a node of no kind: ${received(node["kind"])}`)
  }
}

const some = (steps: unknown): ReadonlyArray<unknown> => {
  if (list(steps).length === 0) throw broken("a chain without steps")
  return list(steps)
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
