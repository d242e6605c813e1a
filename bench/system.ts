/** What a system under measurement is: the services it needs, its worker process, and a client that does the workloads. */
import type { Profile } from "./services/service.ts"

/** A server program that the bench starts on loopback, on a free port, in a directory of its own, and stops by pid. */
export type ServiceName = "nats" | "redis" | "rabbitmq" | "postgres" | "restate"

/** Where everything is for one measurement; the same for worker and client, and passed to both as JSON. */
export interface Place {
  /** Of every service that runs: `nats://127.0.0.1:4222`, `redis://127.0.0.1:6379`, `postgres://…`. */
  readonly addresses: { readonly [service in ServiceName]?: string }
  /** Fresh for each measurement, letters and digits: prefix queues, tables, streams with it where the system allows. */
  readonly namespace: string
  /** Calls that a worker process does at a time. */
  readonly concurrency: number
  /** How durable NATS is: `ha` wants three copies of everything. */
  readonly profile: Profile
}

/** A program to start: `node dist/systems/bullmq/worker.js`. It prints a line `ready` when it takes work. */
export interface Command {
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly env?: { readonly [name: string]: string }
}

/** What is measured. Every value that comes back is checked by whoever asked for it. */
export interface Session {
  /** The task `inc`: a number in, the number plus one out, and nothing else done. One at a time: a round trip. */
  call(value: number): Promise<number>
  /** The same for all values at once, by the fastest way the system has; results in the order of the values. */
  bulk(values: ReadonlyArray<number>): Promise<ReadonlyArray<number>>
  /** Stores calls and does not wait for what they give: a backlog. */
  enqueue?(values: ReadonlyArray<number>): Promise<void>
  /** How many of those that were enqueued are done by now. */
  done?(): Promise<number>
  /** The task `echo`: a text in, the same text out. */
  echo(text: string): Promise<string>
  /** `length` times `inc`, each with what the one before gave. */
  chain?(length: number, value: number): Promise<number>
  /** `inc` of 0 … size − 1, side by side; results in order. */
  group?(size: number): Promise<ReadonlyArray<number>>
  /** The same, and the task `sum` of all the results. */
  chord?(size: number): Promise<number>
  close(): Promise<void>
}

/** One system, as `systems/<name>/system.ts` exports it under the name `system`. */
export interface System {
  readonly name: string
  /** Whether results come back to the caller. Where they do not, `call` and `bulk` resolve when the worker has done the work. */
  readonly results: boolean
  readonly services: ReadonlyArray<ServiceName>
  /** Calls that a worker should do at a time, when not 100. */
  readonly concurrency?: number
  /** What was set, and how durable that is: one line each, for the table. */
  readonly settings: string
  readonly durability: string
  /** Name and version of each part: `{ bullmq: "6.7.0" }`. */
  versions(): Promise<{ readonly [part: string]: string }>
  /** Once for each measurement, before worker and client: a schema, a stream. */
  prepare?(place: Place): Promise<void>
  worker(place: Place): Command
  /** After the worker said `ready`, where something has to be told of it: a deployment is registered. */
  register?(place: Place): Promise<void>
  /** After each measurement, when worker and client have ended: takes away what would burden the next. */
  remove?(place: Place): Promise<void>
  /** Called in a process of its own. */
  connect(place: Place): Promise<Session>
}
