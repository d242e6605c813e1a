/** JSON as text, a -0 in it kept: `JSON.parse` reads one, `JSON.stringify` writes 0. */

/** Whether this process has met a -0, which `JSON.stringify` would write as 0. */
let negativeZeros = false

export const noticeZero = (zero: number): void => {
  if (Object.is(zero, -0)) negativeZeros = true
}

type Replacer = (this: unknown, key: string, value: unknown) => unknown

/** The text of JSON, or of a plan. As fast as `JSON.stringify` until this process meets one. */
export const jsonText = (value: unknown, replacer?: Replacer): string =>
  negativeZeros && holdsNegativeZero(value)
    ? written({ "": value }, "", replacer)
    : JSON.stringify(value, replacer)

/** Reads JSON of which parts will be written as text again. */
export const rereadJson = (text: string): unknown => {
  if (!negativeZeros && text.includes("-0")) negativeZeros = /[[,:\s]-0[\s,\]}.eE]/.test(text)
  return JSON.parse(text)
}

const holdsNegativeZero = (value: unknown): boolean =>
  typeof value === "object" && value !== null
    ? Object.values(value).some(holdsNegativeZero)
    : Object.is(value, -0)

/** Nothing in JSON is undefined but what is to be left out. */
const written = (holder: object, key: string, replacer: Replacer | undefined): string => {
  const given = (holder as { readonly [key: string]: unknown })[key]
  const value = replacer === undefined ? given : replacer.call(holder, key, given)
  if (Object.is(value, -0)) return "-0"
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const parts = Object.keys(value).map((key) => [key, written(value, key, replacer)] as const)
  if (Array.isArray(value)) return `[${parts.map(([, text]) => text).join(",")}]`
  const fields = parts.filter(([, text]) => text !== undefined)
  return `{${fields.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`
}
