/** What the engine asks of a broker: JetStream's semantics, named once for the real server and the in-memory one. */
import type { Soon } from "../define/awaitable.ts"
import type { Profile } from "./durability.ts"
import type { BrokerError } from "./errors.ts"
import type { Health } from "./health.ts"

/** A record to be stored. Every condition is checked by the broker together with the write. */
export interface Publication {
  readonly subject: string
  readonly body: Uint8Array
  /** The body of every try but the first, whose record may have been stored, taken and removed by then: a broker that was restarted forgets ids of records that are gone. */
  readonly bodyAgain?: (body: Uint8Array) => Uint8Array
  /** A second publication with the same id inside the duplicate window is dropped (`duplicate: true`). */
  readonly id?: string
  /** An exact subject that must hold no record; otherwise nothing is stored (`stored: false`). */
  readonly unless?: string
  /** An exact subject whose last record must have this number, 0 where it must hold none; otherwise nothing is stored (`stored: false`). Not together with `unless`. */
  readonly given?: { readonly subject: string; readonly sequence: number }
  /** It takes the place of whatever stands on its subject. */
  readonly replaces?: true
  /** As `unless`, from the second try on: for what nothing can stand against the first time. */
  readonly unlessAgain?: string
  /** A part of a large value: nothing small waits behind it. */
  readonly part?: boolean
  /** Said by a process that ends: it waits for nothing that is on its way before it. */
  readonly last?: boolean
  /** Milliseconds until the broker forgets the record. Default: never. */
  readonly ttl?: number
  /** A timer: at `time` (epoch milliseconds, broker clock) the body is stored under `target`, never early. The last publication on the timer's subject wins, unless an earlier one is just firing: then that one fires, and what was set meanwhile is removed with it. */
  readonly fire?: { readonly time: number; readonly target: string }
  /**
   * What begins work, rather than ending it: a run, or a member of a group or map. While only the room is left that is kept
   * back for outcomes, it is refused with `Full`, a run before a member, and that before one that has waited; what begins nothing
   * takes that room.
   */
  readonly begins?: Begins
}

/** What of the work that has been accepted grows when it is stored: runs, or the calls of one; of these also such that have waited for long. */
export type Begins = "run" | "member" | "waited"

/** How many bytes may be stored before what begins so is refused, negative beyond; and how many in all. `Infinity` where no limit is known. */
export type Spare = Readonly<Record<Begins | "all", number>>

/** The broker's answer to a publication. `stored: false` means the `unless` subject holds a record already. */
export type Published =
  | { readonly stored: true; readonly duplicate: boolean }
  | { readonly stored: false }

/** A record as the broker keeps it. */
export interface Stored {
  readonly subject: string
  readonly body: Uint8Array
  /** Its number in the stream: a later record has a larger one. */
  readonly sequence: number
  /** When the broker stored it: epoch milliseconds, broker clock. */
  readonly at: number
}

/** A record that is written once, so that every copy of it will do. */
export interface Part {
  /** How large it is at most, in bytes. */
  readonly bytes: number
  /** Whether it belongs to so many that others shall not wait for all of them. */
  readonly large: boolean
}

/** Some of the records that match a filter, the oldest first. */
export interface Page {
  readonly records: ReadonlyArray<Stored>
  /** Where the next page begins; `undefined` when there is none. */
  readonly next: number | undefined
}

/** A call handed to this process. It stays leased until acked; without a sign of life it is handed out again. */
export interface Delivery extends Omit<Stored, "sequence"> {
  /** 1 the first time. */
  readonly deliveries: number
  /** True when a timer put the call on its subject (a fired timer has lost its preconditions). */
  readonly fired: boolean
  /** The subject of that timer. */
  readonly timer: string | undefined
  /** True when the connection was lost, or the consumer made again, since the call was stored: a broker that is killed forgets what it has handed out and what was acked in the last moments, so this may be no first delivery. */
  readonly doubtful?: boolean
  /** Removes the call from the stream. Resolves once sent; a lost ack means a redelivery. */
  ack(): void
  /** Renews the lease. */
  extend(): void
  /** Gives the lease back: the call is handed out again now, as it would be without a sign of life. */
  release(): void
}

/** One queue at one level, or the system lane: what a durable consumer stands on. */
export interface Lane {
  readonly queue: string
  readonly level: string
}

/** How a lane is doing. */
export interface LaneState extends Lane {
  /** Calls that were never handed out. */
  readonly pending: number
  /** Calls that were handed out and are not acked: by a worker at work, or by one that has died. */
  readonly out: number
  /** Requests for calls that wait. */
  readonly asking: number
  /** The number of the last call that was handed out for the first time: what has a larger one waits for its turn. */
  readonly upTo: number
  /** Another one whenever a call was handed out or acked meanwhile. */
  readonly mark: string
  /** When that was, as far as the broker remembers: epoch milliseconds, broker clock. */
  readonly movedAt?: number
}

/** Another namespace of the same server and account, in which workers wait for calls. */
export interface Neighbour {
  readonly namespace: string
  readonly queues: ReadonlyArray<string>
}

/** A running pull from one lane. */
export interface Consumption {
  /** Says how many more calls may be handed out now; call it whenever slots come free. Never more than the sum of what was asked is handed out. */
  pull(slots: number): void
  /** Stops handing out; calls already asked for but not handed out stay in the stream. */
  stop(): Promise<void>
  /** How the pull is doing now. */
  state(): PullState
}

/** A pull as it is at one moment. */
export interface PullState {
  /** Calls that may still be handed out. */
  readonly open: number
  /** When the broker last answered or confirmed the pull: epoch milliseconds, this machine's clock. Absent until it has. */
  readonly pulledAt?: number
  /** Why nothing is handed out, when that is not for want of calls, of slots or of a connection. */
  readonly problem?: string
}

/** Stops a subscription. */
export interface Subscription {
  stop(): void
}

/** Facts about the broker found when connecting; printed in the worker's banner. */
export interface BrokerFacts {
  readonly kind: "nats" | "memory"
  readonly server: string
  readonly version: string
  readonly namespace: string
  /** The JetStream domain that was asked for, if one was. */
  readonly domain?: string
  /** Whether the namespace was not there, and has been created by this connection. */
  readonly created: boolean
  readonly replicas: number
  /** What the user requires of the broker's durability, if anything. */
  readonly required?: Profile
  /** `unknown` unless this project started the server itself. */
  readonly sync: "always" | "interval" | "memory" | "unknown"
  /** The largest record accepted, in bytes: as the broker said last, which may be another today than yesterday. */
  readonly maxBytes: number
}

/** What becomes of a record that finds no room, instead of a rejection with `Full`. */
export type IfFull = (
  full: BrokerError,
  publication: Publication,
  signal: AbortSignal | undefined
) => Promise<Published>

/** A process's connection to the broker. Where a `signal` is taken, its end stops the asking: what has not been sent by then never is. */
export interface Broker {
  readonly facts: BrokerFacts
  /** Epoch milliseconds by the broker's clock. */
  now(): number
  /** Milliseconds since some moment, by a clock that only goes on: the difference of two says how long something took. */
  elapsed(): number
  /** Calls back once after so many milliseconds of `elapsed`, unless cancelled before. Does not keep the process alive, and ends with it. */
  after(milliseconds: number, callback: () => void): () => void
  /** Stores a record. Rejects with a `BrokerError`; one with reason `Unknown` may have been stored. */
  publish(publication: Publication, signal?: AbortSignal, ifFull?: IfFull): Promise<Published>
  /**
   * Stores all of these records or none of them; `stored: false` when the condition of any does not hold. The first has
   * its own subject as its condition, so that a repetition is known from somebody else's write. None is a timer or has
   * an id.
   */
  publishTogether(
    publications: ReadonlyArray<Publication>,
    signal?: AbortSignal
  ): Promise<Published>
  /** How much room there is; asked anew where so many bytes would make a difference, as `Infinity` always does. */
  spare(bytes: number): Soon<Spare>
  /** The last record on one exact subject, read from the leader; a part of a large value from wherever it is. */
  read(subject: string, signal?: AbortSignal, part?: Part): Promise<Stored | undefined>
  /** The last record of every subject that matches the filter, read from the leader, in no particular order. */
  readAll(filter: string, signal?: AbortSignal): Promise<ReadonlyArray<Stored>>
  /** At most `limit` records that match the filter, the oldest first, from a place in the stream on (default: its beginning). A lagging replica may lack the latest. */
  page(filter: string, limit: number, from?: number, signal?: AbortSignal): Promise<Page>
  /** How many subjects matching the filter hold a record, counted on the leader. */
  count(filter: string, signal?: AbortSignal): Promise<number>
  /** Removes every record whose subject matches; with `upTo`, only those whose number is not larger. */
  purge(filter: string, upTo?: number, signal?: AbortSignal): Promise<void>
  /**
   * Begins to take calls from a lane, creating its durable consumer when there is none. `spare` is given what was on its
   * way when it was no longer wanted; without it, such a call is handed out again.
   */
  consume(
    lane: Lane,
    deliver: (delivery: Delivery) => void,
    spare?: (delivery: Delivery) => void
  ): Promise<Consumption>
  /** How many workers wait on a lane now: `0` when nobody does, also when no consumer exists yet. */
  waiting(lane: Lane): Promise<number>
  /** Has `lanes` name a lane also when nobody has ever taken calls from it. Does that behind the caller's back, once; what fails is tried again the next time. */
  know(lane: Lane): void
  /** Every lane that calls were ever taken from, or that was made known. */
  lanes(signal?: AbortSignal): Promise<ReadonlyArray<LaneState>>
  /** Other namespaces in which workers wait, as far as that may be seen. Never rejects. */
  neighbours(signal?: AbortSignal): Promise<ReadonlyArray<Neighbour>>
  /** Outcomes of runs as they are stored, for the given owner and instance (and run; default: every run), at most once each. */
  replies(
    owner: string,
    instance: string,
    run: string | undefined,
    receive: (body: Uint8Array) => void
  ): Promise<Subscription>
  /** Tells every process that listens, at most once. */
  announce(topic: string, body: Uint8Array): void
  listen(topic: string, receive: (body: Uint8Array) => void): Promise<Subscription>
  /** Called after every reconnection: waiters read the stored truth again. */
  onReconnect(callback: () => void): Subscription
  /** How the connection and the broker are now. Answers within two seconds, also without a connection; never rejects. */
  health(): Promise<Health>
  /** Resolves when the connection has ended for good, with the reason when it was not `close`. */
  readonly ended: Promise<Error | undefined>
  /** Writes to the connection now what was said so far without waiting for anything: acks, leases, announcements. */
  flush(): void
  /** Ends the connection, within so many milliseconds whatever the broker does. Default: two seconds. */
  close(most?: number): Promise<void>
}
