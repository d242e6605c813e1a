/** What a schedule is declared with: when its workflow is started, and what becomes of times that could not be kept. */
import type { HowLong, WithUnit } from "../define/duration.ts"

/** What the compiler says of a `cron` and an `every` in one schedule, and so does `schedule`. */
export type CronBesideEvery =
  "a schedule has a cron or an every: give it one of them, and leave the other out"

/** The same of an `offset` beside a `cron`. */
export type OffsetBesideCron = "offset belongs to every, not to cron"

/** The same of a `timeZone` beside an `every`. */
export type ZoneBesideEvery = "timeZone belongs to cron: every is the same everywhere"

/** By the clock and the calendar of a time zone. */
export interface CronTimes {
  /**
   * Five fields (minute, hour, day of the month, month, day of the week), or six with the second before them: "0 6 * * MON-FRI".
   * `*`, lists, ranges, steps, names, `L` for the last day, `FRI#2` for the second Friday, 0 and 7 for Sunday; `@daily` and the like.
   */
  readonly cron: string
  /** The zone by whose clock that is read, for example "Europe/Berlin". Default: "UTC". */
  readonly timeZone?: string
  /** Belongs to the other kind of times. */
  readonly every?: CronBesideEvery
  /** Belongs to the other kind of times. */
  readonly offset?: OffsetBesideCron
}

/** At a distance that is always the same, whatever clocks and calendars do. */
export interface IntervalTimes {
  /** Counted from the beginning of 1970, not from a deploy: "15 minutes" is at :00, :15, :30 and :45. From a second to a year. */
  readonly every: HowLong<WithUnit<"every">>
  /** By how much later than that. Less than `every`. Default: none. */
  readonly offset?: HowLong<WithUnit<"offset">>
  /** Belongs to the other kind of times. */
  readonly cron?: CronBesideEvery
  /** Belongs to the other kind of times: an interval is the same everywhere. */
  readonly timeZone?: ZoneBesideEvery
}

/** When a schedule starts its workflow. */
export type ScheduleTimes = (CronTimes | IntervalTimes) & {
  /** Not before. Default: from now on. */
  readonly from?: Date
  /** Not after. Default: for ever. */
  readonly until?: Date
}

/** What a schedule does about times that it could not keep, and about runs that are not done in time. */
export interface ScheduleOptions {
  /**
   * Of the times that were missed, because no worker was there: `once` starts the last of them, unless a time that is not
   * missed is due as well; `skip` starts none; `all` starts the newest, `most` of them. Default: "once".
   */
  readonly misfire?: "skip" | "once" | "all"
  /** How many `all` starts at most; 1 to 1,000. Default: 100. */
  readonly most?: number
  /** How late a start may be before its time counts as missed. Default: "1 minute". */
  readonly tolerance?: HowLong<WithUnit<"tolerance">>
  /**
   * While the run of the time before is still under way: `skip` starts none and counts it, `allow` starts it beside, and
   * `cancel-previous` cancels that one first. Default: "skip".
   */
  readonly overlap?: "allow" | "skip" | "cancel-previous"
  /** Each start is put off by a part of this, which looks random and is always the same for the same time. Up to a day. Default: none. */
  readonly jitter?: HowLong<WithUnit<"jitter">>
  /** Whether it starts nothing until it is resumed. Default: as it was, and a new one is not. */
  readonly paused?: boolean
}

/** What the workflow is given each time: to be said exactly where it needs an input. */
export type ScheduleInput<In> = [void] extends [In]
  ? { readonly input?: In }
  : { readonly input: In }

/** When a workflow is started, with what, and how. */
export type ScheduleSpec<In = void> = ScheduleTimes & ScheduleOptions & ScheduleInput<In>

/** When, as plain data; in milliseconds. */
export type When =
  | { readonly cron: string; readonly timeZone: string }
  | { readonly every: number; readonly offset: number }

/** The times of a schedule, as plain data. */
export interface Range {
  readonly when: When
  readonly from?: number
  readonly until?: number
}

/** All that decides about a schedule, as plain data; in milliseconds. */
export interface Rules extends Range {
  readonly misfire: "skip" | "once" | "all"
  readonly most: number
  readonly tolerance: number
  readonly overlap: "allow" | "skip" | "cancel-previous"
  readonly jitter: number
}
