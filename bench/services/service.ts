/** What a service is: a server program the bench installs, starts in a directory of its own, and stops by pid. */
import type { ServiceName } from "../system.ts"

export interface Started {
  /** For `Place.addresses`. */
  readonly address: string
  /** Of the server program, to measure it: its own children (PostgreSQL has one for each connection) count too. */
  readonly pids: number[]
  readonly version: string
  readonly settings: string
  stop(): Promise<void>
}

export interface Service {
  readonly name: ServiceName
  /** Where the program is not there: from Debian's packages, without starting a service of the machine's own. */
  install?(): Promise<void>
  start(directory: string): Promise<Started>
}
