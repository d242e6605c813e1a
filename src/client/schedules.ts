/** Declares schedules and changes them, from promises. */
import { refuseUnknown } from "../define/known.ts"
import { received } from "../define/describe-value.ts"
import { ContractError } from "../define/errors.ts"
import { jsonText } from "../define/json-text.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { scheduleAddress } from "../encode/scheduled.ts"
import { storedPlan } from "../encode/stored-plan.ts"
import type { RunAddress } from "../encode/subjects.ts"
import {
  declareSchedule,
  deleteSchedule,
  pauseSchedule,
  readSchedule,
  type Records,
  resumeSchedule,
  rulesIn,
  type Scheduled,
  schedulesOf,
  takeGroup,
  triggerSchedule,
  within
} from "../engine/index.ts"
import { type Caller, pointAt } from "../result/call-site.ts"
import { UnknownSchedule } from "../result/errors.ts"
import type { Schedule, ScheduleInfo, SyncedSchedules } from "../result/schedule.ts"
import type { WaitOptions } from "../result/wait.ts"
import {
  checkedList,
  checkedName,
  checkedSchedule,
  scheduledInput,
  type DeclaredSchedule
} from "../schedule/declared.ts"
import type { ScheduleOptions, ScheduleTimes } from "../schedule/spec.ts"
import { bounded, recordsUntil } from "./bounded.ts"
import { waitNames, checkedWorkflow } from "./given.ts"
import { handleOf } from "./handle.ts"
import type { Starts } from "./starts.ts"
import type { Waiting } from "./waiter.ts"

/** A spec before its workflow's types are put on it. */
export type AnySpec = ScheduleTimes & ScheduleOptions & { readonly input?: unknown }

/** What a schedule is declared with. */
export interface Given {
  readonly name: string
  readonly workflow: AnyWorkflow
  readonly spec: AnySpec
}

export interface SchedulesOptions {
  readonly waiting: Waiting
  readonly starts: Starts
  readonly owner: string
}

/** The schedules of an owner, as `App` and the Effect `Client` stand on them. */
export class OwnSchedules {
  readonly #waiting: Waiting
  readonly #starts: Starts
  readonly #owner: string

  constructor({ waiting, starts, owner }: SchedulesOptions) {
    this.#waiting = waiting
    this.#starts = starts
    this.#owner = owner
  }

  async declare(
    { name, workflow, spec }: Given,
    options: WaitOptions,
    caller: Caller
  ): Promise<Schedule> {
    checkedWorkflow(workflow, "the second argument", caller)
    return this.#do("schedule", options, caller, async (records) => {
      const checked = checkedSchedule(name, workflow, spec)
      const { keep } = this.#waiting
      await declareSchedule(records, this.#owner, { ...checked, keep })
      return this.#handle(name, workflow, caller)
    })
  }

  async get(name: string, options: WaitOptions, caller: Caller): Promise<Schedule | undefined> {
    return this.#do("schedules.get", options, caller, async (records) => {
      const found = await readSchedule(records, this.#address(name))
      return found === undefined ? undefined : this.#handle(name, undefined, caller)
    })
  }

  async *list(): AsyncGenerator<ScheduleInfo> {
    for await (const found of schedulesOf(this.#waiting.records, this.#owner)) yield infoOf(found)
  }

  async sync(
    group: string,
    schedules: ReadonlyArray<DeclaredSchedule>,
    options: WaitOptions,
    caller: Caller
  ): Promise<SyncedSchedules> {
    return this.#do("schedules.sync", options, caller, async (records) => {
      const name = checkedName(group, "group of schedules")
      const { keep } = this.#waiting
      const all = checkedList(schedules).map((each) => within(each, name, keep))
      return takeGroup(records, { owner: this.#owner, name, schedules: all })
    })
  }

  #address(name: string): RunAddress {
    return scheduleAddress(this.#owner, checkedName(name))
  }

  async #do<A>(
    verb: string,
    options: WaitOptions,
    caller: Caller,
    work: (records: Records) => Promise<A>
  ): Promise<A> {
    try {
      refuseUnknown(verb, options, waitNames)
      const { records } = this.#waiting
      return await bounded(records.broker, options, (signal) => work(recordsUntil(records, signal)))
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  #handle(name: string, workflow: AnyWorkflow | undefined, caller: Caller): Schedule {
    const address = this.#address(name)
    const there = <A>(found: A | undefined): A => {
      if (found !== undefined) return found
      const message = `there is no schedule ${received(name)} of the owner ${this.#owner}, or no longer: declare it with app.schedule(…)`
      throw new UnknownSchedule({ schedule: name, message })
    }
    const verb = <A>(
      what: string,
      options: WaitOptions = {},
      work: (records: Records) => Promise<A>
    ): Promise<A> => this.#do(what, options, caller, work)
    return {
      name,
      info: (options) =>
        verb("info", options, async (records) =>
          infoOf(there(await readSchedule(records, address)))
        ),
      pause: (reason, options) =>
        verb("pause", options, async (records) => {
          there(await pauseSchedule(records, address, checkedReason(reason)))
        }),
      resume: (options) =>
        verb("resume", options, async (records) => {
          there(await resumeSchedule(records, address))
        }),
      delete: (options) =>
        verb("delete", options, async (records) => {
          if (!(await deleteSchedule(records, address))) there(undefined)
        }),
      trigger: (input, options) =>
        verb("trigger", options, async (records) => {
          const found = there(await readSchedule(records, address))
          const text = input === undefined ? undefined : inputText(workflow, input)
          const run = await triggerSchedule(records, found, text)
          this.#starts.accept(run.address)
          const plan = workflow?.["~arpeggio"].plan ?? storedPlan(found.slots[0]!)
          const waiter = this.#starts.waiterOf(run.address, plan)
          return handleOf(this.#waiting, workflow, waiter, caller)
        })
    }
  }
}

const checkedReason = (reason: unknown): string | undefined => {
  if (reason === undefined || typeof reason === "string") return reason
  const message = `pause: the reason is a text, not ${received(reason)}`
  throw new ContractError({ task: "", message })
}

/** Who gives `trigger` only options gives them as the input. */
const second = "; options come second: trigger(undefined, { within: … })"

const inputText = (workflow: AnyWorkflow | undefined, input: unknown): string => {
  if (workflow !== undefined) return jsonText(scheduledInput("trigger", workflow, input, second))
  const message = `trigger: another input needs the workflow: use the handle that app.schedule(…) gives${second}`
  throw new ContractError({ task: "", message })
}

/** Milliseconds as a duration that is plain data. */
const lasting = (milliseconds: number): { readonly milliseconds: number } => ({ milliseconds })

const infoOf = ({ message, slots }: Scheduled): ScheduleInfo => {
  const { when, from, until, misfire, most, tolerance, overlap, jitter } = rulesIn(message)
  const { name, group, next, last, paused, skipped, missed } = message
  const times =
    "cron" in when
      ? when
      : {
          every: lasting(when.every),
          ...(when.offset === 0 ? {} : { offset: lasting(when.offset) })
        }
  return {
    name,
    group,
    spec: {
      ...times,
      ...(from === undefined ? {} : { from: new Date(from) }),
      ...(until === undefined ? {} : { until: new Date(until) }),
      misfire,
      most,
      tolerance: lasting(tolerance),
      overlap,
      jitter: lasting(jitter),
      paused: paused !== undefined
    },
    input: JSON.parse(slots[1] ?? "null") as unknown,
    next: next === undefined || paused !== undefined ? undefined : new Date(next),
    last: last === undefined ? undefined : { at: new Date(last.at), run: last.run },
    paused:
      paused === undefined ? undefined : { since: new Date(paused.since), reason: paused.reason },
    skipped,
    missed
  }
}
