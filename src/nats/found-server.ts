/** What is asked for when a process looks for its NATS server, and what it gets. Whoever opens a broker brings the search. */

/** When a server writes to disk what it has acknowledged: before it does, or every two minutes, as is nats-server's default. */
export type Sync = "always" | "interval"

export interface ServerOptions {
  /** Where the broker is. Nothing else is tried. */
  readonly servers?: string | ReadonlyArray<string>
  /** `true`: this project's own server, also where a deployment is suspected. `false`: never start one. */
  readonly embedded?: boolean
  /** Where the search for the project's root begins. Default: the working directory. */
  readonly directory?: string
  /** Default: `process.env`. `ARPEGGIO_PORT` replaces 4222 and the port of the last time, for tests that must not meet anybody else's server. */
  readonly environment?: NodeJS.ProcessEnv
  /** How a server that is started here writes to disk. Default: `interval`, as nats-server does. */
  readonly sync?: Sync
  /** Receives the line said when a server is started. Default: `console.error`. */
  readonly say?: (line: string) => void
}

export interface FoundServer {
  readonly servers: ReadonlyArray<string>
  /** `embedded`: the project's own, started by this process; `project`: by another one. */
  readonly source: "option" | "environment" | "project" | "local" | "embedded"
  /** Whether it is this project's own server, started by this process or by another one. */
  readonly embedded: boolean
  /** How often the server writes through to the disk; only known of the project's own. */
  readonly sync: Sync | "unknown"
  /** The nats-server program, when this process started it. */
  readonly binary?: string
  /** This process needs the server no longer. Where it is just being started again, waits two seconds for the end of that, or as long as is said. */
  release(most?: number): Promise<void>
}

/** Finds a server, or starts one. Rejects with a `BrokerError` that says what was tried and what to do. */
export type FindServer = (options: ServerOptions) => Promise<FoundServer>
