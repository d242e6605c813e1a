/** One text for decoded values that are the same to whoever reads them: classes, dates, bigints and the like told apart. */

const classes = new WeakMap<object, number>()
let known = 0

/** Two classes may have one name, so each has a number. */
const classOf = (value: object): string => {
  const { constructor } = value as { readonly constructor?: { readonly name?: string } }
  if (constructor === undefined || constructor === Object) return ""
  let number = classes.get(constructor)
  if (number === undefined) classes.set(constructor, (number = ++known))
  return `${constructor.name ?? ""}#${number}`
}

const outcomes: ReadonlySet<unknown> = new Set(["Failed", "Crashed", "TimedOut"])

/** Of a failure's origin only the task counts: runs, steps and attempts differ from one execution to the next. */
const origin = (failure: unknown): unknown =>
  typeof failure === "object" && failure !== null && "task" in failure
    ? { task: failure.task }
    : undefined

export const toldText = (value: unknown): string => {
  switch (typeof value) {
    case "bigint":
      return `${value}n`
    case "number":
      return Object.is(value, -0) ? "-0" : String(value)
    case "string":
      return JSON.stringify(value)
    case "object":
      return value === null ? "null" : objectText(value)
    default:
      return String(value)
  }
}

const objectText = (value: object): string => {
  if (Array.isArray(value)) return `[${value.map(toldText).join(",")}]`
  if (value instanceof Date) return `Date(${value.getTime()})`
  if (value instanceof Map) {
    return `Map(${[...value].map(([key, item]) => `${toldText(key)}=>${toldText(item)}`).join(",")})`
  }
  if (value instanceof Set) return `Set(${[...value].map(toldText).join(",")})`
  if (value instanceof Uint8Array) return `bytes(${Buffer.from(value).toString("hex")})`
  if (value instanceof URL) return `URL(${value.href})`
  const fields = new Map<string, unknown>(Object.entries(value))
  if ("_tag" in value) fields.set("_tag", value._tag)
  if (value instanceof Error) fields.delete("name")
  if (classOf(value) === "" && outcomes.has(fields.get("_tag"))) {
    fields.delete("stack")
    if (fields.has("failure")) fields.set("failure", origin(fields.get("failure")))
  }
  const shown = [...fields]
    .filter(([, item]) => item !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${toldText(item)}`)
  return `${classOf(value)}{${shown.join(",")}}`
}
