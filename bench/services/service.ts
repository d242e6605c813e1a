/** What a service is: a server program that the bench installs, starts and stops. */
import type { ServiceName } from "../system.ts"

/** A service that runs. */
export interface Running {
  /** As `Place.addresses` has it. */
  readonly address: string
  /** The processes that are the service, for what they use of cores and memory. */
  readonly pids: number[]
  readonly version: string
  /** What was set, and how durable that is: one line for the table. */
  readonly settings: string
  stop(): Promise<void>
}

export interface Service {
  readonly name: ServiceName
  /** Does nothing where the program is there already. */
  install?(): Promise<void>
  /** On a free port of loopback, with all its data under the directory. */
  start(directory: string): Promise<Running>
}
