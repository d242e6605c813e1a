/** Plain JSON kept within bounds: no live objects, nothing that JSON would change, not too deep and not too large. */
import type { Json } from "./plan.ts"
import { noticeZero } from "./json-text.ts"
import { Misfit, pathText } from "./schema-mismatch.ts"
import { received } from "./describe-value.ts"

/** How deep a value may nest, and how many values one may hold. */
export const bounds = { depth: 200, nodes: 1_000_000 } as const

/** A value beyond the bounds; the text says which. */
export class OutOfBounds extends Error {
  override readonly name = "OutOfBounds"
}

/** A frozen copy that shares nothing with `value`. Throws a `Misfit` for what would not arrive as it is. */
export const frozenJson = (value: unknown): Json =>
  copied(value, (holder, wrong) => {
    const { key, expected, found } = wrong
    const place = placeOf(value, holder) ?? []
    throw new Misfit(pathText(key === undefined ? place : [...place, key]), expected, found)
  })

/** What JSON would change, and how an error says so. */
interface Wrong {
  /** Where in its holder it stands, when it is not the holder itself. */
  readonly key?: string | number
  readonly expected: string
  readonly found: string
}

/** A copy; `refuse` is told what would not survive as JSON, and what it does not throw for is left out. */
const copied = (value: unknown, refuse: (holder: object, wrong: Wrong) => void): Json => {
  let nodes = 0
  const copy = (value: unknown, depth: number): Json => {
    if (isJsonLeaf(value)) {
      if (value === 0) noticeZero(value)
      return value
    }
    if (depth >= bounds.depth) throw new OutOfBounds(`at most ${bounds.depth} levels deep`)
    if (Array.isArray(value)) {
      nodes += value.length
      if (nodes > bounds.nodes) throw new OutOfBounds(`at most ${bounds.nodes} values`)
      const list: Array<Json> = []
      for (let at = 0; at < value.length; at++) {
        const wrong = wrongItem(value[at])
        if (wrong !== undefined) refuse(value, { key: at, ...wrong })
        list.push(copy(value[at], depth + 1))
      }
      return Object.freeze(list)
    }
    if (typeof value !== "object") throw new OutOfBounds("plain JSON")
    if (!isPlain(value!)) refuse(value!, { expected: "plain JSON", found: received(value) })
    const into: { [key: string]: Json } = {}
    for (const [key, item] of Object.entries(value!)) {
      if (item === undefined) continue
      if (key === "__proto__") {
        refuse(value!, { expected: withoutProto, found: received(value) })
        continue
      }
      const wrong = wrongItem(item)
      if (wrong !== undefined) refuse(value!, { key, ...wrong })
      if (++nodes > bounds.nodes) throw new OutOfBounds(`at most ${bounds.nodes} values`)
      into[key] = copy(item, depth + 1)
    }
    return Object.freeze(into)
  }
  return copy(value, 0)
}

const hole: Wrong = { expected: "a value, because JSON has no holes", found: "a hole in the list" }
const wrongItem = (item: unknown): Wrong | undefined => {
  if (item === undefined) return hole
  return typeof item === "number" && !Number.isFinite(item)
    ? { expected: "a finite number", found: String(item) }
    : undefined
}
const withoutProto = "an object without a key called __proto__, which a Map can hold"

const isJsonLeaf = (value: unknown): value is null | boolean | number | string =>
  value === null ||
  typeof value === "string" ||
  typeof value === "boolean" ||
  typeof value === "number"

/** An object of another realm has another prototype, which has none either. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype) === null
  )
}

/** The way to an object inside a value. */
const placeOf = (value: unknown, sought: object): ReadonlyArray<string | number> | undefined => {
  if (value === sought) return []
  if (typeof value !== "object" || value === null) return undefined
  const list = Array.isArray(value)
  for (const [key, item] of Object.entries(value)) {
    const place = placeOf(item, sought)
    if (place !== undefined) return [list ? Number(key) : key, ...place]
  }
  return undefined
}

/**
 * Reads JSON from elsewhere, and drops every `__proto__` key. Only a text that could hold something out of bounds is
 * walked: below these sizes neither limit can be reached, and an own `__proto__` key needs its name or a `\u` escape in
 * the text.
 */
export const parseJson = (text: string): Json => {
  const value: unknown = JSON.parse(text)
  if (text.length > bounds.nodes || text.includes("__proto__") || text.includes("\\u")) {
    return copied(value, () => {})
  }
  return text.length >= 2 * bounds.depth && nesting(text) > bounds.depth
    ? copied(value, () => {})
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
