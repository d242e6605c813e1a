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

/** What is looked for in a schema, and where. */
interface Search {
  /** The library of a part that is looked for; nothing of any other. */
  readonly whose: (value: unknown) => string | undefined
  /** Where something has its parts; `isNamed`: its keys are the names of fields. */
  readonly keysOf: (value: Parts, isNamed: boolean) => ReadonlyArray<string>
  readonly seen: Set<unknown>
}

/** The first part that is looked for, and the names of the fields on the way to it. */
const find = (
  value: unknown,
  search: Search,
  isNamed = false,
  path: ReadonlyArray<string> = []
): { readonly vendor: string; readonly path: ReadonlyArray<string> } | undefined => {
  const { whose, keysOf, seen } = search
  if (!isObject(value) || seen.has(value) || seen.size > 10_000) return undefined
  seen.add(value)
  for (const key of keysOf(value, isNamed)) {
    const part = value[key]
    const at = isNamed ? [...path, key] : path
    const vendor = whose(part)
    if (vendor !== undefined) return { vendor, path: at }
    const found = find(part, search, !isNamed && named.has(key), at)
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
  const found = find(schema, {
    whose: vendorOf,
    keysOf: (value) =>
      isOfEffect(value) ? partsOfEffect.filter((key) => key in value) : Object.keys(value),
    seen: new Set()
  })
  return found && wordsOf(found.vendor, "effect", found.path)
}

/** The same for a schema of another library with one of effect inside. */
export const effectInside = (schema: unknown, vendor: string): string | undefined => {
  const found = find(schema, {
    whose: (part) => (isOfEffect(part) ? "effect" : undefined),
    keysOf: (value, isNamed) => Object.keys(value).filter((key) => isNamed || !noParts.has(key)),
    seen: new Set()
  })
  return found && wordsOf(found.vendor, vendor, found.path)
}
