/** A schema of one library inside a schema of another, which neither of them understands. */
import { pathText } from "./schema-mismatch.ts"

interface Parts {
  readonly [key: string]: unknown
}

const isObject = (value: unknown): value is Parts =>
  (typeof value === "object" || typeof value === "function") && value !== null

/** What every schema tree of effect has, of any copy. */
const isOfEffect = (value: unknown): value is Parts =>
  isObject(value) && isObject(value["ast"]) && "~effect/Schema" in value["ast"]

/** Whose schema it is, where it follows Standard Schema. */
const vendorOf = (value: unknown): string | undefined => {
  const standard = isObject(value) && !isOfEffect(value) ? value["~standard"] : undefined
  return isObject(standard) && typeof standard["vendor"] === "string"
    ? standard["vendor"]
    : undefined
}

/** Where effect's schemas have those that they are made of. */
const partsOfEffect = ["fields", "members", "elements", "rest", "schema", "value", "key", "from"]

/** No parts of a schema: what is noted of it, and values. */
const noParts: ReadonlySet<string> = new Set(["metadata", "default", "fallback", "~standard"])

/** What holds the parts that have a name: in effect, zod and valibot. */
const named: ReadonlySet<string> = new Set(["fields", "shape", "entries"])

type KeysOf = (value: Parts, isNamed: boolean) => ReadonlyArray<string>

/** The first part that is one of `whose`, and the names of the fields on the way to it. */
const find = (
  value: unknown,
  whose: (value: unknown) => string | undefined,
  keysOf: KeysOf,
  isNamed = false,
  path: ReadonlyArray<string> = [],
  seen = new Set<unknown>()
): { readonly vendor: string; readonly path: ReadonlyArray<string> } | undefined => {
  if (!isObject(value) || seen.has(value) || seen.size > 10_000) return undefined
  seen.add(value)
  for (const key of keysOf(value, isNamed)) {
    const part = value[key]
    const at = isNamed ? [...path, key] : path
    const vendor = whose(part)
    if (vendor !== undefined) return { vendor, path: at }
    const found = find(part, whose, keysOf, !isNamed && named.has(key), at, seen)
    if (found !== undefined) return found
  }
  return undefined
}

const wordsOf = (inner: string, outer: string, path: ReadonlyArray<string>): string => {
  const at = path.length === 0 ? "" : `, at ${pathText(path).replace(/^\./, "")}`
  return `a schema of ${inner} stands inside one of ${outer}${at}, and neither library understands the other's. Describe the whole with one of them: each argument, the output and each error may have a library of its own`
}

/** Why a schema of effect with a part of another library cannot be used; `undefined` where none is found. */
export const strangerInEffect = (schema: unknown): string | undefined => {
  const found = find(schema, vendorOf, (value) =>
    isOfEffect(value) ? partsOfEffect.filter((key) => key in value) : Object.keys(value)
  )
  return found && wordsOf(found.vendor, "effect", found.path)
}

/** The same for a schema of another library with one of effect inside. */
export const effectInside = (schema: unknown, vendor: string): string | undefined => {
  const found = find(
    schema,
    (part) => (isOfEffect(part) ? "effect" : undefined),
    (value, isNamed) => Object.keys(value).filter((key) => isNamed || !noParts.has(key))
  )
  return found && wordsOf(found.vendor, vendor, found.path)
}
