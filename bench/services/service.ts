/** What a server program under measurement is to the bench: started in a directory of its own, stopped by pid. */
import type { ServiceName } from "../system.ts"

/** How durable NATS is: one server that syncs every two minutes, one that syncs before it answers, or three copies. */
export type Profile = "dev" | "single" | "ha"

export interface Running {
  /** As clients take it: `nats://127.0.0.1:4222`. */
  readonly address: string
  /** The processes that were started; what these have started is found through them. */
  readonly pids: ReadonlyArray<number>
  readonly version: string
  /** What was set, for the table. */
  readonly settings: string
  /** Bytes that it has taken and given since it was started, where it can tell. */
  bytes?(): Promise<number>
  /** Ends the processes and waits for their end. */
  stop(): Promise<void>
}

export interface Service {
  readonly name: ServiceName
  /** Gets the program where it is not there. */
  install?(): Promise<void>
  /** Starts on loopback and a free port, and resolves when it takes connections. Whoever calls removes the directory. */
  start(directory: string, profile?: Profile): Promise<Running>
}
