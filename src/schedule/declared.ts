/** A schedule as it is written in code: checked here, before anything is sent. */
import type { Json } from "../define/plan.ts"
import { received } from "../define/describe-value.ts"
import { ContractError } from "../define/errors.ts"
import { workflowAt } from "../compose/members.ts"
import type { Chosen } from "../compose/fit.ts"
import type { AnyWorkflow, InputOf } from "../define/workflow.ts"
import { encodeReceived } from "../plan/values.ts"
import { whyNotEachTime } from "../plan/timed.ts"
import { rulesOf } from "./rules.ts"
import type { Rules, ScheduleOptions, ScheduleSpec, ScheduleTimes } from "./spec.ts"

const longestName = 200

/** All that a schedule consists of, but for how long the outcomes of its runs are kept. */
export interface CheckedSchedule {
  readonly name: string
  readonly workflow: AnyWorkflow
  /** As it is encoded. */
  readonly input: Json
  readonly rules: Rules
  readonly paused: boolean | undefined
}

/** Throws a `ContractError` for what cannot be, and an `InvalidInput` for an input that does not fit. */
export const checkedSchedule = (
  name: string,
  workflow: AnyWorkflow,
  spec: ScheduleTimes & ScheduleOptions & { readonly input?: unknown }
): CheckedSchedule => {
  const whose = `schedule ${received(checkedName(name))}`
  const rules = rulesOf(whose, spec)
  if (workflow["~arpeggio"].start?.key !== undefined) {
    const message = `${whose}: its workflow has a key, and a schedule starts a run for each of its times: leave the key out`
    throw new ContractError({ task: "", message })
  }
  const fixed = whyNotEachTime(workflow["~arpeggio"].plan)
  if (fixed !== undefined) throw new ContractError({ task: "", message: `${whose}: ${fixed}` })
  const input = scheduledInput(whose, workflow, spec.input)
  return { name, workflow, input, rules, paused: spec.paused }
}

/** What a workflow is given, encoded. Throws a `ContractError` where it is given something that nothing of it receives. */
export const scheduledInput = (
  whose: string,
  workflow: AnyWorkflow,
  input: unknown,
  besides = ""
): Json => {
  const encoded = encodeReceived(workflow, input)
  if (encoded !== undefined || input === undefined || input === null) return encoded ?? null
  const message = `${whose}: its workflow takes no input, as every call in it has all its arguments, and ${received(input)} would reach nobody: leave the input out${besides}`
  throw new ContractError({ task: "", message })
}

/** A name that a schedule, or a group of them, can have. */
export const checkedName = (name: unknown, what = "schedule"): string => {
  if (typeof name === "string" && name !== "" && name.length <= longestName) return name
  const message = `a ${what}'s name is a text of 1 to ${longestName} characters, for example "nightly-report", not ${received(name)}`
  throw new ContractError({ task: "", message })
}

/** A schedule as a value, for `serve` and `app.schedules.sync`. */
export interface DeclaredSchedule {
  /** Its name. */
  readonly name: string
  /** All that was declared. */
  readonly "~arpeggio": object
}

/**
 * A schedule as a value: beside the tasks of a worker, `serve([report], { schedules: [nightly], scheduleGroup: "reports" })`, or with others for
 * `app.schedules.sync`. Sends nothing. Throws a `ContractError` for times that cannot be, and an `InvalidInput` for an input that does not fit.
 *
 * @example
 * const nightly = schedule("nightly", add(4, 2), { cron: "0 3 * * *", timeZone: "Europe/Berlin" })
 * const { name } = nightly // "nightly"
 */
export const schedule = <W extends AnyWorkflow>(
  name: string,
  workflow: Chosen<W>,
  spec: ScheduleSpec<InputOf<W>>
): DeclaredSchedule => {
  const checked = checkedSchedule(name, workflowAt(workflow, "the second argument"), spec)
  return Object.freeze({ name, "~arpeggio": Object.freeze(checked) })
}

/** A list of schedules as a program that is not compiled may give it. */
export const checkedList = (list: unknown): ReadonlyArray<CheckedSchedule> => {
  const all = Array.isArray(list) ? (list as ReadonlyArray<unknown>) : [undefined]
  const names = new Set<string>()
  return all.map((each) => {
    const { "~arpeggio": held } = Object(each) as Partial<DeclaredSchedule>
    if (held === undefined || !("rules" in held)) {
      const message = `schedules is a list of what schedule(name, workflow, spec) gives, not ${received(Array.isArray(list) ? each : list)}`
      throw new ContractError({ task: "", message })
    }
    const checked = held as CheckedSchedule
    if (names.has(checked.name)) {
      const message = `two schedules are named ${received(checked.name)}: rename one of them`
      throw new ContractError({ task: "", message })
    }
    names.add(checked.name)
    return checked
  })
}
