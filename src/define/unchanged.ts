/** Whether a value is still the same as JSON: of values that another library describes, nobody else says so. */
import { received } from "./describe-value.ts"

/** The first place where a value becomes something else, in words; `undefined` where there is none. */
export const changeIn = (value: unknown, json: unknown, path = ""): string | undefined => {
  if (typeof value !== "object" || value === null) {
    // As JSON there is none, so what is compared is the value itself.
    if (typeof value === "bigint") return `${named(path)} is ${received(value)}, ${unknown}`
    return value === json ? undefined : became(value, json, path)
  }
  if (Array.isArray(value)) {
    if (!Array.isArray(json)) return became(value, json, path)
    for (let at = 0; at < value.length; at++) {
      const change = changeIn(value[at], json[at], `${path}[${at}]`)
      if (change !== undefined) return change
    }
    return undefined
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === Object.prototype || prototype === null
  if (!isPlain || typeof json !== "object" || json === null) return became(value, json, path)
  for (const [key, each] of Object.entries(value)) {
    // What is not there is not there either when it arrives.
    if (each === undefined && !(key in json)) continue
    const place = path === "" ? key : `${path}.${key}`
    const change = changeIn(each, (json as { readonly [key: string]: unknown })[key], place)
    if (change !== undefined) return change
  }
  return undefined
}

const unknown = "which JSON does not know"

const named = (path: string): string => (path === "" ? "it" : path)

const became = (value: unknown, json: unknown, path: string): string =>
  `${named(path)} is ${received(value)}, ${json === undefined ? unknown : `and would arrive as ${received(json)}`}`
