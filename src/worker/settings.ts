/** What a worker works with, checked and with its defaults. */
import type { LogLevel } from "./log.ts"
import type * as Context from "effect/Context"
import { hostname } from "node:os"
import type { TaskDefinition } from "../define/definition.ts"
import type { Print } from "../define/print.ts"
import { newInstance } from "../encode/ids.ts"
import type { GivenSchedules } from "./schedules.ts"

/** Calls executed at a time, when nothing else is said. */
export const defaultConcurrency = 20

/** How long a handler may take, when neither its call nor its contract says: 10 minutes. */
export const defaultTimeout = 600_000

export interface WorkerSettings {
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly queues: ReadonlyArray<string>
  readonly concurrency: number
  readonly timeout: number
  readonly crashes: number
  /** Milliseconds that calls nobody here knows wait for another worker. */
  readonly patience: number
  /** Milliseconds that running handlers get when the worker stops. */
  readonly grace: number
  readonly services?: Context.Context<never>
  readonly schedules?: GivenSchedules
  readonly log: LogLevel
  readonly print: Print
}

/** Names this process in outcomes and logs. */
export const workerName = (): string =>
  `${hostname().slice(0, 40)}-${process.pid}-${newInstance().slice(0, 4)}`
