/** The callbacks that a workflow starts: those that it must, and those that it may, as timing has it. */
import type { Json } from "../../src/define/plan.ts"
import type { PlanNode } from "../../src/plan/table.ts"
import { canonical, type ReferenceOutcome } from "./outcome.ts"

/** How often each callback is started, by its key. */
export type Counts = ReadonlyMap<string, number>

export interface Fired {
  readonly must: Counts
  readonly may: Counts
}

export const none: Fired = { must: new Map(), may: new Map() }

/** A callback's first call, as its key: the task with its arguments; of a failure only what does not differ between two executions. */
export const callbackKey = (task: string, input: ReadonlyArray<unknown>): string =>
  `${task}(${input.map((each) => canonical(essence(each))).join()})`

const essence = (value: unknown): unknown => {
  const isFailure =
    typeof value === "object" && value !== null && "error" in value && "attempt" in value
  return isFailure && "task" in value ? { task: value.task, error: value.error } : value
}

/** One start of a callback that is given this. A callback that begins with several calls, or none, has no key. */
export const one = (callback: PlanNode, value: Json): Fired => {
  let first = callback
  while (first.kind === "hook" || first.kind === "chain") {
    first = first.kind === "hook" ? first.of : first.steps.find(({ kind }) => kind !== "sleep")!
  }
  if (first.kind !== "call") return none
  const { task, partial, args } = first
  const counts = new Map([[callbackKey(task, partial ? [value, ...args] : args), 1]])
  return { must: counts, may: counts }
}

/** What a callback is given. */
export const given = (outcome: ReferenceOutcome): Json => {
  if (outcome._tag === "Succeeded") return outcome.value
  const { task } = outcome
  const error =
    outcome._tag === "Failed"
      ? outcome.error
      : outcome._tag === "Expired"
        ? { _tag: "Expired" }
        : { _tag: "Crashed", name: outcome.name, message: outcome.message }
  return { run: "", step: "", task, attempt: 1, error }
}

const merged = (
  counts: ReadonlyArray<Counts>,
  merge: (...each: ReadonlyArray<number>) => number
): Counts => {
  const keys = new Set(counts.flatMap((each) => [...each.keys()]))
  const entries = [...keys].map(
    (key) => [key, merge(...counts.map((each) => each.get(key) ?? 0))] as const
  )
  return new Map(entries.filter(([, count]) => count > 0))
}

const sum = (...each: ReadonlyArray<number>): number => each.reduce((all, one) => all + one, 0)

/** All of several. */
export const both = (...fired: ReadonlyArray<Fired>): Fired => {
  const some = fired.filter(({ may }) => may.size > 0)
  if (some.length < 2) return some[0] ?? none
  return {
    must: merged(
      some.map(({ must }) => must),
      sum
    ),
    may: merged(
      some.map(({ may }) => may),
      sum
    )
  }
}

/** What may be started of several but for one of them. */
export const without = (all: Fired, { may }: Fired): Fired =>
  may.size === 0
    ? all
    : { must: none.must, may: merged([all.may, may], (whole = 0, part = 0) => whole - part) }

/** One of several, nobody knows which. */
export const alike = (outcomes: ReadonlyArray<Pick<ReferenceOutcome, "fired">>): Fired => {
  const [first, ...others] = outcomes.map(({ fired }) => fired)
  if (first === undefined || others.length === 0) return first ?? none
  const all = [first, ...others]
  return {
    must: merged(
      all.map(({ must }) => must),
      Math.min
    ),
    may: merged(
      all.map(({ may }) => may),
      Math.max
    )
  }
}

/** What is wrong with the callbacks that were started, if anything. */
export const wrongAmong = ({ must, may }: Fired, started: Counts): string | undefined => {
  for (const [key, count] of must) {
    const found = started.get(key) ?? 0
    if (found < count) return `${found} callbacks ${key}, and there must be ${count}`
  }
  for (const [key, count] of started) {
    const most = may.get(key) ?? 0
    if (count > most) return `${count} callbacks ${key}, and there may be ${most}`
  }
  return undefined
}
