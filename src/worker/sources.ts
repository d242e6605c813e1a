/** Takes apart what a worker is started with: lists of tasks, modules and records that hold some, and the options behind them. */
import type { TaskDefinition } from "../define/definition.ts"
import { ContractError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"
import type { AnyTask } from "../define/task.ts"
import { isWorkflow } from "../define/workflow.ts"
import { tasksInside } from "./inside.ts"

/** Sources, and the options that may be the last of what was given. */
export const apart = <Options extends object>(
  given: ReadonlyArray<unknown>
): { readonly sources: ReadonlyArray<unknown>; readonly options: Options } => {
  const last = given.at(-1)
  return given.length > 1 && !isSource(last)
    ? { sources: given.slice(0, -1), options: (last === undefined ? {} : last) as Options }
    : { sources: given, options: {} as Options }
}

/** A module without any task is one all the same: nobody means its exports as options. */
const isSource = (given: unknown): boolean =>
  Array.isArray(given) ||
  typeof given === "function" ||
  isWorkflow(given) ||
  Object.prototype.toString.call(given) === "[object Module]" ||
  (typeof given === "object" &&
    given !== null &&
    (Object.values(given).some(isTask) ||
      // A list of schedules is an option, whatever somebody has put into it.
      (!("schedules" in given) && tasksInside(given).length > 0)))

const isTask = (value: unknown): value is AnyTask =>
  typeof value === "function" && "~arpeggio" in value

/** The definitions in all sources, by name; with `fakes` a later implementation takes an earlier one's place. Throws a `ContractError` for what cannot be served. */
export const servedIn = (
  sources: ReadonlyArray<unknown>,
  fakes = false
): ReadonlyMap<string, TaskDefinition> => {
  const served = new Map<string, TaskDefinition>()
  for (const [at, source] of sources.entries()) {
    const found = new Set(Array.isArray(source) ? listed(source) : pickedFrom(source, at))
    for (const definition of found) {
      const { name } = definition
      const other = served.get(name)
      // Modules hand on what others export.
      const fake = fakes && other?.inputCodecs === definition.inputCodecs
      if (other !== undefined && other !== definition && !fake) {
        throw refused(
          name,
          `two tasks are named ${name}: rename one of them, calls could reach either`
        )
      }
      served.set(name, definition)
    }
  }
  for (const [at, source] of sources.entries()) refuseHidden(source, at, served)
  return served
}

/** A task further inside, which is in nothing else that is given, would be left out in silence. */
const refuseHidden = (
  source: unknown,
  at: number,
  served: ReadonlyMap<string, TaskDefinition>
): void => {
  const hidden = tasksInside(source).find(({ task: { name } }) => !served.has(name))
  if (hidden === undefined) return
  const { task, path } = hidden
  throw refused(
    task.name,
    `argument ${at + 1} holds ${task.name} inside of ${path}, and only what a module or record holds itself is served: give ${path} as an argument of its own`
  )
}

const listed = (tasks: ReadonlyArray<unknown>): ReadonlyArray<TaskDefinition> =>
  tasks.map((task, at) => {
    if (!isTask(task)) throw refused("", `tasks[${at}] is not a task but ${strange(task)}`)
    const definition = task["~arpeggio"]
    if (definition.handler !== undefined) return definition
    const { name } = definition
    throw refused(name, `${name} has no handler: bind one with implement(…)`)
  })

/** The tasks with handlers among all that a module exports or a record holds. */
const pickedFrom = (source: unknown, at: number): ReadonlyArray<TaskDefinition> => {
  if (isTask(source)) {
    const { name } = source["~arpeggio"]
    throw refused(name, `tasks are served in lists, modules and records: write [${name}]`)
  }
  if (typeof source !== "object" || source === null || isWorkflow(source)) {
    throw refused(
      "",
      `what is served is a list of tasks, a module or a record, for example serve([add, mul]), not ${isWorkflow(source) ? strange(source) : received(source)}`
    )
  }
  const tasks = Object.values(source).filter(isTask)
  const bound = tasks
    .map((task) => task["~arpeggio"])
    .filter(({ handler }) => handler !== undefined)
  if (bound.length > 0) return bound
  refuseHidden(source, at, new Map())
  const without = tasks.map(({ taskName }) => taskName)
  throw refused(
    "",
    `argument ${at + 1} holds no task with a handler${heldBy(source, without)}: give the module that has the handlers, or bind one with implement(…)`
  )
}

const heldBy = (source: object, without: ReadonlyArray<string>): string => {
  if (without.length > 0) return ` (${few(without)} ${without.length === 1 ? "has" : "have"} none)`
  const names = Object.keys(source)
  return names.length === 0 ? " (it is empty)" : `, only ${few(names)}`
}

const few = (names: ReadonlyArray<string>): string =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")}, …` : names.join(", ")

const strange = (stranger: unknown): string =>
  isWorkflow(stranger)
    ? "a workflow: serve the tasks themselves, add rather than add(4, 2)"
    : `${received(stranger)}: list the tasks that this worker does`

const refused = (task: string, message: string): ContractError =>
  new ContractError({ task, message })
