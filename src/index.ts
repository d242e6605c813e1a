/** The public names: all of `arpeggio/contract`, and what needs Node. */
export * from "./contract.ts"

// inside a handler
export { step, Step } from "./define/context.ts"

// run
export { connect } from "./client/connect.ts"
export type { ConnectOptions } from "./client/connect.ts"
export type { App, AppOptions, RunOptions } from "./client/app.ts"
export { Client } from "./client/client.ts"
export type { ClientService, EffectDeadLetters, FindError, StartError } from "./client/client.ts"
export type { EffectRun } from "./client/effect-run.ts"
export type { EffectSchedule, EffectSchedules } from "./client/effect-schedules.ts"
export type {
  FindQuery,
  Run,
  RunDescription,
  RunStatus,
  Started,
  WaitingStep
} from "./result/run.ts"
export type { WaitOptions } from "./result/wait.ts"
export type {
  DeadLetter,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetters,
  OpenedDeadLetter,
  RedriveOptions,
  RedrivenRun
} from "./result/dead-letter.ts"
export {
  InvalidResult,
  KeyTaken,
  NotRedrivable,
  ResultExpired,
  RunCancelled,
  RunExpired,
  RunTimedOut,
  StillRunning,
  TaskCrashed,
  TaskTimedOut,
  UnknownDeadLetter,
  UnknownRun,
  UnknownSchedule
} from "./result/errors.ts"
export type { RunError } from "./result/errors.ts"
export { BrokerError } from "./broker/errors.ts"
export type { ConnectionHealth, Health, RoomHealth } from "./broker/health.ts"
export type { Durability, Profile } from "./broker/durability.ts"
export type { BrokerOptions } from "./nats/open.ts"
export type { NatsAuthentication } from "./nats/options.ts"

// schedule
export { nextTimes } from "./schedule/next-times.ts"
export { schedule } from "./schedule/declared.ts"
export type { DeclaredSchedule } from "./schedule/declared.ts"
export type { Schedule, ScheduleInfo, Schedules, SyncedSchedules } from "./result/schedule.ts"
export type {
  CronTimes,
  IntervalTimes,
  ScheduleInput,
  ScheduleOptions,
  ScheduleSpec,
  ScheduleTimes
} from "./schedule/spec.ts"

// work
export { serve, startWorker } from "./worker/serve.ts"
export type { WorkerOptions } from "./worker/serve.ts"
export type { EventLoopHealth, LaneHealth, WorkerHealth } from "./worker/health.ts"
export type { Counters } from "./worker/counters.ts"
export { Worker } from "./worker/layer.ts"

// What the declaration files of your own exports may have to name; nothing to write by hand.
export type { EachStarted } from "./result/run.ts"
