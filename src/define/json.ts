/** Plain JSON kept within bounds: no live objects, no dangerous keys, not too deep and not too large. */
import type { Json } from "./plan.ts"

/** How deep a value may nest, and how many values one may hold. */
export const bounds = { depth: 200, nodes: 1_000_000 } as const

/** A value beyond the bounds; the text says which. */
export class OutOfBounds extends Error {
  override readonly name = "OutOfBounds"
}

const isJsonLeaf = (value: unknown): value is null | boolean | number | string =>
  value === null ||
  typeof value === "string" ||
  typeof value === "boolean" ||
  typeof value === "number"

/** A frozen copy that shares nothing with `value` and has lost every `__proto__` key. */
export const frozenJson = (value: unknown): Json => {
  if (isJsonLeaf(value)) return value
  let nodes = 0
  const copy = (value: unknown, depth: number): Json => {
    if (isJsonLeaf(value)) return value
    if (depth >= bounds.depth) throw new OutOfBounds(`at most ${bounds.depth} levels deep`)
    if (Array.isArray(value)) {
      nodes += value.length
      if (nodes > bounds.nodes) throw new OutOfBounds(`at most ${bounds.nodes} values`)
      return Object.freeze(value.map((item) => copy(item, depth + 1)))
    }
    if (typeof value !== "object") throw new OutOfBounds("plain JSON")
    const into: { [key: string]: Json } = {}
    for (const [key, item] of Object.entries(value as object)) {
      if (key === "__proto__" || item === undefined) continue
      if (++nodes > bounds.nodes) throw new OutOfBounds(`at most ${bounds.nodes} values`)
      into[key] = copy(item, depth + 1)
    }
    return Object.freeze(into)
  }
  return copy(value, 0)
}

/**
 * Reads JSON from elsewhere. Only a text that could hold something out of bounds is walked: below these sizes neither
 * limit can be reached, and an own `__proto__` key needs its name or a `\u` escape in the text.
 */
export const parseJson = (text: string): Json => {
  const value: unknown = JSON.parse(text)
  if (text.length > bounds.nodes || text.includes("__proto__") || text.includes("\\u")) {
    return frozenJson(value)
  }
  return text.length >= 2 * bounds.depth && nesting(text) > bounds.depth
    ? frozenJson(value)
    : (value as Json)
}

/** How deep brackets nest, those inside strings left out. */
const nesting = (text: string): number => {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) at = endOfString(text, at)
    else if (code === 91 || code === 123) {
      if (++depth > deepest) deepest = depth
    } else if (code === 93 || code === 125) depth--
  }
  return deepest
}

/** Where the string that begins here ends. Long ones are common, and a search is ten times as fast as a look at each character. */
const endOfString = (text: string, from: number): number => {
  let end = text.indexOf('"', from + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

/** Whether an odd number of backslashes stands before it. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at
  while (text.charCodeAt(before - 1) === 92) before--
  return (at - before) % 2 === 1
}
