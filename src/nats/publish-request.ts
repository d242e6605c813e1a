/** A record, or a batch of them, on its way into the stream, until it is known whether it is there. */
import type { Msg } from "@nats-io/transport-node"
import type { BrokerError } from "../broker/errors.ts"
import type { Begins, IfFull, Publication, Published, Stored } from "../broker/broker.ts"
import {
  conflict,
  isOverrun,
  limitReached,
  passes,
  type ServerError,
  serverFailure
} from "./error-codes.ts"
import type { Ballast } from "./ballast.ts"
import { elapsed } from "../broker/time.ts"
import type { Cause } from "./diagnose.ts"
import { type Loss, mayBeStored } from "./messages.ts"
import { type HeaderBlock, headersOf } from "./headers.ts"
import type { Progress } from "./last-sequence.ts"
import type { Leading, Question, Verdict } from "./request.ts"

interface Acknowledgement {
  readonly seq?: number
  readonly duplicate?: boolean
  readonly error?: ServerError
}

const stored: Published = { stored: true, duplicate: false }
const duplicate: Published = { stored: true, duplicate: true }
const refused: Published = { stored: false }

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

/** What is stored: one record, or a batch that is stored whole or not at all. */
export interface Cargo {
  /** Of the last record: it is what the server answers to. */
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: HeaderBlock | undefined
  /** Of one record: what it says of every attempt but the first. */
  readonly publication?: Publication
  readonly before?: () => ReadonlyArray<Leading>
  /** The record by which a write that was refused can be known for our own, stored by an earlier try. */
  readonly named: Publication | undefined
  /** Of all records together. */
  readonly bytes: number
  readonly begins: Begins | undefined
  readonly ifFull?: IfFull | undefined
}

/** How the server has been taking what was to be stored, apart from not answering at all. */
export interface Writes {
  /** What it said when it had no room, unless it has stored something since. */
  full: string | undefined
  /** When it last answered at all, by `elapsed`. */
  answeredAt: number
}

/** What storing needs of the connection. */
export interface Store {
  readonly ballast: Pick<Ballast, "give" | "flag">
  readonly writes: Writes
  readonly cause: Cause
  readonly read: (subject: string) => Promise<Stored | undefined>
  readonly progress: Progress
}

export class Storing implements Question {
  readonly writes = true
  readonly signal: AbortSignal | undefined
  readonly #cargo: Cargo
  readonly #store: Store
  #repeated: { readonly payload: Uint8Array; readonly headers: HeaderBlock | undefined } | undefined
  readonly #resolve: (published: Published | Promise<Published>) => void
  readonly #reject: (error: unknown) => void

  constructor(
    cargo: Cargo,
    store: Store,
    resolve: (published: Published | Promise<Published>) => void,
    reject: (error: unknown) => void,
    signal?: AbortSignal
  ) {
    this.signal = signal
    this.#cargo = cargo
    this.#store = store
    this.#resolve = resolve
    this.#reject = reject
  }

  get subject(): string {
    return this.#cargo.subject
  }

  get payload(): Uint8Array {
    return this.#repeated?.payload ?? this.#cargo.payload
  }

  get headers(): HeaderBlock | undefined {
    return this.#repeated === undefined ? this.#cargo.headers : this.#repeated.headers
  }

  repeat(): void {
    const { publication } = this.#cargo
    if (publication === undefined || this.#repeated !== undefined) return
    const { body, bodyAgain, unless, unlessAgain = unless } = publication
    this.#repeated = {
      payload: bodyAgain?.(body) ?? body,
      headers: headersOf(
        unlessAgain === undefined ? publication : { ...publication, unless: unlessAgain }
      )
    }
  }

  get large(): boolean | undefined {
    return this.#cargo.publication?.part
  }

  get last(): boolean | undefined {
    return this.#cargo.publication?.last
  }

  get doing(): string {
    return `storing a record on ${this.#cargo.named?.subject ?? this.subject}`
  }

  before(): ReadonlyArray<Leading> {
    return this.#cargo.before?.() ?? []
  }

  answer(message: Msg, doubtful: boolean): Verdict {
    const { seq, error, duplicate: seen } = message.json<Acknowledgement>()
    this.#store.progress.note(seq)
    this.#store.writes.answeredAt = elapsed()
    if (error === undefined) {
      this.#store.writes.full = undefined
      this.#resolve(seen === true ? duplicate : stored)
    } else if (error.err_code === conflict) this.#conflict(doubtful)
    else if (isOverrun(error)) return "later"
    else if (passes(error) || this.#makesRoom(error)) return "again"
    else this.#refused(serverFailure(this.doing, error), doubtful)
    return "done"
  }

  /** Whether a write that found no room is worth another try, because room was given up for it. */
  #makesRoom(error: ServerError): boolean {
    const limit = limitReached(error)
    if (limit === undefined) return false
    const { ballast } = this.#store
    const { begins, bytes } = this.#cargo
    if (begins === undefined) return ballast.give(limit === "server" ? 0 : bytes)
    ballast.flag()
    return false
  }

  #refused(error: BrokerError, doubtful: boolean): void {
    if (error.reason === "Full") this.#store.writes.full = error.message
    const { named } = this.#cargo
    if (!doubtful) return this.#notStored(error)
    if (named === undefined) return this.#reject(mayBeStored(error))
    this.#isOurs(named).then(
      (ours) => (ours ? this.#resolve(duplicate) : this.#notStored(error)),
      () => this.#reject(mayBeStored(error))
    )
  }

  #notStored(error: BrokerError): void {
    const { publication, ifFull } = this.#cargo
    if (error.reason !== "Full" || ifFull === undefined) return this.#reject(error)
    this.#resolve(ifFull(error, publication!, this.signal))
  }

  fail(error: BrokerError, lost?: Loss["cause"]): void {
    void this.#store.cause(error, lost).then(this.#reject)
  }

  /**
   * What cannot be sent again is looked for where it has a place of its own. Anything else may be put together anew, in
   * smaller parts: what is stored twice is stored under the conditions of the first.
   */
  tooLarge(error: BrokerError, doubtful: boolean): void {
    this.#refused(error, doubtful && this.#cargo.named !== undefined)
  }

  /** A retry may have been refused because of its own first try, whose answer was lost: then the record is ours. */
  #conflict(doubtful: boolean): void {
    const { named } = this.#cargo
    if (!doubtful || named === undefined) return this.#resolve(refused)
    this.#isOurs(named).then((ours) => this.#resolve(ours ? duplicate : refused), this.#reject)
  }

  /** Whether an earlier try has stored the record. */
  async #isOurs({ subject, body }: Publication): Promise<boolean> {
    const record = await this.#store.read(subject)
    return record !== undefined && same(record.body, body)
  }
}
