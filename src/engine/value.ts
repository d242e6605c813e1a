/** A value on its way between steps: opaque text, or a reference to where it is kept. The engine composes values, it never looks into them. */
import { jsonText, rereadJson } from "../define/json-text.ts"
import type { Reference } from "../encode/value-ref.ts"

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

/** The arguments of a call: what arrives in its place, and what the call was built with; both are JSON. */
export const joinArguments = (arriving: string, others: string, open = 0): string => {
  if (others === "[]") return `[${arriving}]`
  if (open === 0) return `[${arriving},${others.slice(1)}`
  const texts = (rereadJson(others) as ReadonlyArray<unknown>).map((each) => jsonText(each))
  return `[${texts.toSpliced(open, 0, arriving).join(",")}]`
}

/** How much a list takes, as far as that can be told from here. */
export const sizeOf = (value: Value | undefined): number => {
  if (value === undefined) return 0
  if ("text" in value) return value.text.length
  return value.reference.from === "chunks" ? value.reference.bytes : 0
}
