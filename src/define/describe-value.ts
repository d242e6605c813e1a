/** Says in a few words what a value is, for error messages that must stay readable and must not spill a whole record. */

import { workflowMark } from "./mark.ts"

const longest = 200

/** Cuts a text to what an error message can bear. */
export const shorten = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1)}…`

/** Hides who somebody is where an address says it: `postgres://user:password@host` has nothing to do in a log. */
export const withoutSecrets = (text: string): string =>
  text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"]*@/gi, "$1***@")

/** A value as an error message shows it: at most 200 characters, whatever the value is, and no password of an address. */
export const received = (value: unknown): string => withoutSecrets(inWords(value))

const inWords = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return shorten(JSON.stringify(withoutSecrets(value.slice(0, 10 * longest)).slice(0, longest)))
    case "bigint":
      return shorten(`${value}n`)
    case "function":
      if ("taskName" in value) return shorten(`the task ${String(value.taskName)}`)
      return shorten(value.name === "" ? "a function" : `function ${value.name}`)
    case "object":
      return value === null ? "null" : shorten(describeObject(value))
    default:
      return String(value)
  }
}

const describeObject = (value: object): string => {
  try {
    if (workflowMark in value) return `a workflow, ${String(value)}`
    if (Array.isArray(value)) return `an array of ${value.length}`
    if (value instanceof Map || value instanceof Set) {
      return `a ${value instanceof Map ? "Map" : "Set"} of ${value.size}`
    }
    if (value instanceof Date) {
      return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
    }
    if (value instanceof Error) return `${value.name}: ${value.message}`
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name
    const keys = Object.keys(value)
    const shown =
      keys.length === 0 ? "{}" : `{ ${keys.slice(0, 8).join(", ")}${keys.length > 8 ? ", …" : ""} }`
    return typeof name === "string" && name !== "" && name !== "Object" ? `${name} ${shown}` : shown
  } catch {
    return "an object that cannot be read"
  }
}
