/** A schedule: the same in the process that declared it and in any other. */
import type { DeclaredSchedule } from "../schedule/declared.ts"
import type { ScheduleOptions, ScheduleTimes } from "../schedule/spec.ts"
import type { Run } from "./run.ts"
import type { WaitOptions } from "./wait.ts"

/** Where a schedule stands, as plain data. */
export interface ScheduleInfo {
  /** Its name. */
  readonly name: string
  /** The group that it is declared with; `undefined` for one that is declared by itself. */
  readonly group: string | undefined
  /** All that was said about when and how it starts its workflow, defaults included; durations as `{ milliseconds }`. */
  readonly spec: ScheduleTimes & ScheduleOptions
  /** What its workflow is given, as the JSON that is stored. */
  readonly input: unknown
  /** The next time, or the one whose start is owed; `undefined` when there is no more, or while it is paused. */
  readonly next: Date | undefined
  /**
   * Since when the start of `next` is owed, where that is 15 seconds or more ago: no worker of the namespace is there, or none gets
   * to it, or it fails, which health and the log of workers say; else `undefined`.
   */
  readonly overdue: Date | undefined
  /** The last time that was started, and its run; `undefined` before the first. */
  readonly last: { readonly at: Date; readonly run: string } | undefined
  /** Since when it is paused, and why; `undefined` when it is not. */
  readonly paused: { readonly since: Date; readonly reason: string | undefined } | undefined
  /** How many times were not started because the run before was under way. */
  readonly skipped: number
  /** How many times were not started because they were too late; of a cron's, at most a hundred are counted at once. */
  readonly missed: number
}

/** A schedule that is stored. Every verb rejects with `UnknownSchedule` when it is not, or no longer. */
export interface Schedule<in In = never, out Out = unknown, out Err = unknown> {
  /** Its name. */
  readonly name: string
  /** Where it stands now. */
  info(options?: WaitOptions): Promise<ScheduleInfo>
  /** Starts nothing more until it is resumed; runs that it has started go on. `reason` is for people; the latest counts. */
  pause(reason?: string, options?: WaitOptions): Promise<void>
  /** Goes on with the first time that is to come; what was due meanwhile is not missed, and not made good. */
  resume(options?: WaitOptions): Promise<void>
  /** Starts its workflow now, besides its times and also while it is paused, with its input or another one. No time takes its run for the one before. */
  trigger(input?: In, options?: WaitOptions): Promise<Run<Out, Err>>
  /** Removes it; runs that it has started go on. */
  delete(options?: WaitOptions): Promise<void>
}

/** The schedules of an owner. */
export interface Schedules {
  /** All of them, one after another. */
  list(): AsyncIterable<ScheduleInfo>
  /** One by its name; `undefined` when there is none. Its `trigger` takes no other input. */
  get(name: string, options?: WaitOptions): Promise<Schedule | undefined>
  /**
   * Stores these schedules as a group, and deletes those of the group that are not among them. What is stored already stays as
   * it is. Answers with the names of those that are there now, and of those that were deleted.
   */
  sync(
    group: string,
    schedules: ReadonlyArray<DeclaredSchedule>,
    options?: WaitOptions
  ): Promise<SyncedSchedules>
}

/** What `sync` has done. */
export interface SyncedSchedules {
  /** The names of those that are there now. */
  readonly stored: ReadonlyArray<string>
  /** The names of those that were deleted. */
  readonly deleted: ReadonlyArray<string>
}
