/** A value as text that looks like JSON: for people, whatever the value is, and never long. */

/** Stands for what could not be read: a getter threw, or a proxy refused. */
export const unreadable: unique symbol = Symbol("unreadable")

/** A property, or that it cannot be read. */
export const read = (value: object, key: string): unknown => {
  try {
    return Reflect.get(value, key)
  } catch {
    return unreadable
  }
}

const bounds = { depth: 4, items: 20, text: 500, all: 2_000 } as const

/** At most 2,000 characters. */
export const jsonLike = (value: unknown): string => {
  try {
    return show(value, 0, new Set()).slice(0, bounds.all)
  } catch {
    return "an object that cannot be read"
  }
}

const show = (value: unknown, depth: number, above: Set<object>): string => {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.slice(0, bounds.text))
    case "bigint":
      return `${value}n`.slice(0, bounds.text)
    case "function":
      return value.name === "" ? "a function" : `function ${value.name.slice(0, 100)}`
    case "object":
      return value === null ? "null" : showObject(value, depth, above)
    default:
      return value === unreadable ? "(unreadable)" : String(value).slice(0, bounds.text)
  }
}

const showObject = (value: object, depth: number, above: Set<object>): string => {
  if (above.has(value)) return "(circular)"
  if (value instanceof Date) return JSON.stringify(value) ?? "null"
  if (value instanceof Error) return JSON.stringify(`${value.name}: ${value.message}`)
  if (value instanceof Map) return showObject([...value.entries()], depth, above)
  if (value instanceof Set) return showObject([...value], depth, above)
  const isList = Array.isArray(value)
  if (depth >= bounds.depth) return isList ? "[…]" : "{…}"
  above.add(value)
  const keys = isList ? value.slice(0, bounds.items).map((_, at) => at) : Object.keys(value)
  const shown = keys.slice(0, bounds.items).map((key) => {
    const text = show(read(value, String(key)), depth + 1, above)
    return isList ? text : `${JSON.stringify(String(key).slice(0, 100))}:${text}`
  })
  above.delete(value)
  const more = (isList ? value.length : keys.length) > shown.length ? [...shown, "…"] : shown
  return isList ? `[${more.join(",")}]` : `{${more.join(",")}}`
}
