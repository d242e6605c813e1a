/** How a process and its broker are doing: plain data, made to be answered as JSON. */
import type { BrokerFacts } from "./broker.ts"
import { durabilityOf, shortfall, type Durability } from "./durability.ts"

/** The connection to the server. */
export interface ConnectionHealth {
  /** Whether there is one now. */
  readonly connected: boolean
  /** Where the server is. */
  readonly server: string
  /** The server's version. */
  readonly version: string
  /** When the server last said anything: epoch milliseconds, this machine's clock. */
  readonly lastHeard: number
  /** Milliseconds without a connection; absent while there is one. */
  readonly disconnectedFor?: number
}

/** The limit that is nearest, in bytes of records: three copies of one count once. */
export interface RoomHealth {
  /** Whose limit it is: the JetStream account's, or the stream's own. The server's cannot be seen from here. */
  readonly of: "account" | "stream"
  /** How much may be stored, in bytes. */
  readonly limit: number
  /** How much is stored, in bytes. */
  readonly used: number
  /** How much more may be stored, in bytes. */
  readonly left: number
  /** How much of what is left is kept back for outcomes, in bytes: below it, starts are refused. */
  readonly kept: number
}

/** How a client, and the part of a worker that talks to the broker, is doing. */
export interface Health {
  /** Nothing is wrong that is known. */
  readonly ok: boolean
  /** What is wrong, each with what to do about it. */
  readonly problems: ReadonlyArray<string>
  /** What is worth knowing and no problem. */
  readonly notes: ReadonlyArray<string>
  /** The namespace that is worked in. */
  readonly namespace: string
  /** The connection to the server. */
  readonly connection: ConnectionHealth
  /** What the broker does with an accepted record before it says so. */
  readonly durability: Durability
  /** How much more can be stored. Absent where no limit is known. */
  readonly room?: RoomHealth
}

/** What a connection knows of how it is doing; the rest are facts of its broker. */
export interface Condition {
  readonly connection: Omit<ConnectionHealth, "server" | "version">
  readonly problems: ReadonlyArray<string>
  readonly notes?: ReadonlyArray<string>
  readonly room?: RoomHealth | undefined
}

export const healthOf = (
  facts: BrokerFacts,
  { connection, problems, notes = [], room }: Condition
): Health => {
  const short = shortfall(facts)
  return {
    ok: problems.length === 0,
    problems,
    notes: short === undefined ? notes : [short, ...notes],
    namespace: facts.namespace,
    connection: { server: facts.server, version: facts.version, ...connection },
    durability: durabilityOf(facts),
    ...(room === undefined ? {} : { room })
  }
}
