/** A declared error whose value is no `Error`, as promises reject with it: frameworks and loggers handle only an `Error`. */
import { jsonText } from "../define/json-text.ts"
import { shorten, withoutSecrets } from "../define/describe-value.ts"

/** What leads back to the value; of another copy of this package, too. */
const valueMark = Symbol.for("arpeggio/declared")

/** An `Error` with the fields of a value, among which `name`, `message` and `stack` win. Its name is else the value's tag. */
export const errorWith = (value: unknown, message: string): Error => {
  const fields = typeof value === "object" && value !== null ? Object.entries(value) : []
  const error = new Error(message)
  define(error, "name", tagOf(value), false)
  for (const [field, own] of fields) define(error, field, own, true)
  return error
}

/** The value as it is where it is an `Error`, and otherwise one with its fields. `json` is the value as it is stored. */
export const asError = (value: unknown, task: string, json: unknown): unknown => {
  if (value instanceof Error) return value
  const error = errorWith(value, `${task} failed with ${tagOf(value)}${fieldsIn(json)}`)
  Object.defineProperty(error, valueMark, { value })
  return error
}

/** The value that was declared, where an error was made of it; anything else as it is. */
export const declaredIn = (error: unknown): unknown =>
  error instanceof Error && Object.hasOwn(error, valueMark)
    ? (error as Error & { readonly [valueMark]: unknown })[valueMark]
    : error

/** By which name an error without a tag is called. */
export const tagOf = (value: unknown): string => {
  const tag =
    typeof value === "object" && value !== null && "_tag" in value ? value._tag : undefined
  return typeof tag === "string" ? tag : "Failed"
}

const fieldsIn = (json: unknown): string => {
  if (typeof json !== "object" || json === null) return ""
  const { _tag, ...fields } = json as { readonly [field: string]: unknown }
  return Object.keys(fields).length === 0 ? "" : `: ${withoutSecrets(shorten(jsonText(fields)))}`
}

const define = (error: Error, field: string, value: unknown, enumerable: boolean): void => {
  Object.defineProperty(error, field, { value, enumerable, configurable: true, writable: true })
}
