/** A broker in this process's memory with JetStream's semantics: for tests, and to enumerate faults one by one. */
import { inboxOf, parseSubject } from "../../encode/subjects.ts"
import type { Broker, BrokerFacts, Stored } from "../../broker/broker.ts"
import { timekeeper, type MemoryClock } from "./clock.ts"
import { connection, type MemoryConnection } from "./connection.ts"
import type { OnCall } from "./fault.ts"
import { link, type Link } from "./faulty-link.ts"
import { radio } from "./pubsub.ts"
import { seededRandom } from "./random.ts"
import { memoryStore } from "./store.ts"
import { turns } from "./scheduler.ts"

export type { MemoryClock } from "./clock.ts"
export type { ArrivalVerb, CallVerb, Fault, MemoryCall, OnCall } from "./fault.ts"

/** How a broker in memory behaves. */
export interface MemoryServerOptions {
  /** Its only namespace. Default: "memory". */
  readonly namespace?: string
  /** Chooses at random, but repeatably, what is handed out next and what overtakes what. Default: first in, first out. */
  readonly seed?: number
  /** Milliseconds without a sign of life after which a call is handed out again. Default: 30,000. */
  readonly lease?: number
  /** Milliseconds for which the id of a publication is remembered. Default: 20,000. */
  readonly duplicateWindow?: number
  /** The largest body, in bytes. Default: 1 MiB, as on a NATS server. */
  readonly maxBytes?: number
  /** `manual` moves only by `clock.advance`. Default: `real`. */
  readonly clock?: "real" | "manual"
}

/** A broker in memory. Several connections may stand on it, like several processes on one server. */
export interface MemoryServer {
  /** A connection, for one worker or client: a process of its own. Default of its name, by which faults and `connections` tell it: "connection-1" and so on. */
  connect(options?: { readonly name?: string }): Broker
  /** Its time. */
  readonly clock: MemoryClock
  /** The names of those that are connected now. */
  connections(): ReadonlyArray<string>
  /** As `kill -9`: what it sent arrives, its leases stay until they run out, its subscriptions are gone, its calls never settle. */
  crash(connection: Broker): void
  /** Forgets the ids of records that are gone, as a real server does when it starts again, and lets every connection reconnect. */
  restart(): void
  /** Every record in the order of storing; default: all of them. */
  records(filter?: string): ReadonlyArray<Stored>
  /** Resolves when nothing travels between the processes and the server any more. */
  settled(): Promise<void>
  /** Asked at every call and at everything that arrives. */
  onCall?: OnCall | undefined
}

/**
 * A broker in this process's memory, with the semantics of the real one.
 *
 * @example
 * const server = memoryServer({ clock: "manual" })
 * await using worker = await workerOver(server.connect(), [add])
 * await using app = await clientOver(server.connect())
 * const answer = await app.run(add(4, 2)) // 6
 */
export const memoryServer = (options: MemoryServerOptions = {}): MemoryServer => {
  const namespace = options.namespace ?? "memory"
  const random = options.seed === undefined ? undefined : seededRandom(options.seed)
  const clock = timekeeper(options.clock ?? "real")
  const ways = turns(random)
  const waves = radio(ways)
  const store = memoryStore({
    namespace,
    clock,
    random,
    lease: options.lease ?? 30_000,
    duplicateWindow: options.duplicateWindow ?? 20_000,
    onOutcome: ({ subject, body }) => {
      const { owner, instance, run } = parseSubject(subject)!
      waves.tell(inboxOf(namespace, owner, instance, run), body)
    }
  })
  const facts: BrokerFacts = {
    kind: "memory",
    server: "memory",
    version: "in process",
    namespace,
    created: true,
    replicas: 1,
    sync: "memory",
    maxBytes: options.maxBytes ?? 1_048_576
  }
  const processes = new Map<
    Broker,
    { readonly link: Link; readonly connection: MemoryConnection }
  >()
  let connected = 0

  const crash = (broker: Broker): void => {
    const process = processes.get(broker)
    if (process === undefined || process.link.state !== "open") return
    process.connection.crash()
    processes.delete(broker)
  }
  const server: MemoryServer = {
    clock,
    crash,
    connections: () => [...processes.values()].map(({ link }) => link.name),
    connect: ({ name } = {}) => {
      connected++
      const line = link({
        name: name ?? `connection-${connected}`,
        turns: ways,
        ask: () => server.onCall,
        seize: store.seize,
        crash: () => crash(made.broker)
      })
      const made = connection({ link: line, store, radio: waves, turns: ways, clock, facts })
      processes.set(made.broker, { link: line, connection: made })
      void made.broker.ended.then(() => processes.delete(made.broker))
      return made.broker
    },
    restart: () => {
      store.forgetIdentifiers()
      for (const { connection } of processes.values()) connection.reconnected()
    },
    records: (filter = `${namespace}.>`) => store.all(filter),
    settled: ways.settled
  }
  return server
}
