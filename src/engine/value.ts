/** A value on its way between steps: opaque text, or a reference to where it is kept. The engine composes values, it never looks into them. */
import type { Reference } from "../encode/reference.ts"

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

/** The arguments of a call: what arrives, followed by what the call was built with; both are JSON. */
export const joinArguments = (first: string, rest: string): string =>
  rest === "[]" ? `[${first}]` : `[${first},${rest.slice(1)}`

/** How much a list takes, as far as that can be told from here. */
export const sizeOf = (value: Value | undefined): number => {
  if (value === undefined) return 0
  if ("text" in value) return value.text.length
  return value.reference.from === "chunks" ? value.reference.bytes : 0
}
