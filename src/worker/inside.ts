/** Finds the tasks that stand further inside of what a worker is given: in records, modules and lists that it holds. */
import type { TaskDefinition } from "../define/definition.ts"
import type { AnyTask } from "../define/task.ts"

/** A task with a handler, and where it stands. */
export interface Inside {
  readonly task: TaskDefinition
  /** As it is written behind what was given: `orders`, `shop.orders`. */
  readonly path: string
}

/** How far is looked: what a module exports may be large, and is seldom meant to be served. */
const most = { depth: 3, values: 10_000 } as const

/** The tasks in what a source holds, and not those that it holds itself. */
export const tasksInside = (source: unknown): ReadonlyArray<Inside> => {
  const found: Array<Inside> = []
  const seen = new Set<unknown>([source])
  const look = (holder: object, path: string, depth: number): void => {
    for (const [key, value] of entriesOf(holder)) {
      if (isBound(value)) {
        if (depth > 0) found.push({ task: value["~arpeggio"], path })
      } else if (isHolder(value) && depth < most.depth && !seen.has(value)) {
        if (seen.size >= most.values) return
        seen.add(value)
        look(value, placeIn(path, key, holder), depth + 1)
      }
    }
  }
  if (isHolder(source)) look(source, "", 0)
  return found
}

const placeIn = (path: string, key: string, holder: object): string => {
  if (Array.isArray(holder)) return `${path}[${key}]`
  return path === "" ? key : `${path}.${key}`
}

/** What is read may be a getter that throws. */
const entriesOf = (holder: object): ReadonlyArray<readonly [string, unknown]> => {
  try {
    return Object.entries(holder)
  } catch {
    return []
  }
}

const isBound = (value: unknown): value is AnyTask =>
  typeof value === "function" &&
  "~arpeggio" in value &&
  (value as unknown as AnyTask)["~arpeggio"].handler !== undefined

/** Lists, records and modules; an instance of a class is none. */
const isHolder = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  (Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as null))
