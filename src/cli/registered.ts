/** The tasks in what task files export: by themselves, and in lists and records. */
import type { TaskDefinition } from "../define/definition.ts"
import type { AnyTask } from "../define/task.ts"
import { nearestTo } from "../define/known.ts"
import { misused } from "./exits.ts"
import type { Loaded } from "./load.ts"

/** A task that a file declares. */
export interface Registered {
  readonly task: AnyTask
  readonly definition: TaskDefinition
  readonly file: string
  /** As it is exported: `add`, `orders[0]`, `shop.bill`. */
  readonly path: string
}

/** How far is looked. What a module exports may be large. */
const deepest = 3

const isTask = (value: unknown): value is AnyTask =>
  typeof value === "function" && "taskName" in value && "~arpeggio" in value

const isHolder = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  (Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as null))

/** By name, in the order in which they are declared; where a file has a task with and without its handler, with it. */
export const registeredIn = (files: ReadonlyArray<Loaded>): ReadonlyMap<string, Registered> => {
  const found = new Map<string, Registered>()
  const add = (one: Registered): void => {
    const { name, handler, inputCodecs } = one.definition
    const other = found.get(name)?.definition
    if (other !== undefined && other.inputCodecs !== inputCodecs) {
      throw misused(
        `two tasks are named ${name}, in ${found.get(name)!.file} and in ${one.file}: rename one of them, calls could reach either`
      )
    }
    if (other?.handler === undefined || (handler !== undefined && handler !== other.handler)) {
      found.set(name, one)
    }
  }
  for (const { file, module } of files) {
    const seen = new Set<unknown>()
    const look = (holder: object, path: string, depth: number): void => {
      for (const [key, value] of Object.entries(holder)) {
        const place = Array.isArray(holder)
          ? `${path}[${key}]`
          : `${path}${path === "" ? "" : "."}${key}`
        if (isTask(value)) add({ task: value, definition: value["~arpeggio"], file, path: place })
        else if (isHolder(value) && depth < deepest && !seen.has(value)) {
          seen.add(value)
          look(value, place, depth + 1)
        }
      }
    }
    look(module, "", 0)
  }
  return found
}

/** The tasks that have handlers. Refuses where there are none. */
export const servable = (files: ReadonlyArray<Loaded>): ReadonlyArray<AnyTask> => {
  const all = [...registeredIn(files).values()]
  const bound = all.filter(({ definition }) => definition.handler !== undefined)
  if (bound.length > 0) return bound.map(({ task }) => task)
  const where = files.map(({ file }) => file).join(", ")
  if (all.length === 0) throw misused(`no task is exported by ${where}`)
  throw misused(
    `none of the tasks in ${where} has a handler: give the file that binds them with implement(…)`
  )
}

/** Which task is meant, where there are some to choose from. */
export const perhaps = (name: string, known: Iterable<string>): string => {
  const names = [...known]
  return names.length === 0 ? "" : `; the nearest is ${nearestTo(name, names)}`
}
