/** Stores records, once, whatever happens to the connection in between. */
import type { Msg } from "@nats-io/transport-node"
import type { BrokerError } from "../failure.ts"
import type { Publication, Published, Stored } from "../broker.ts"
import { conflict, passes, type ServerError, serverFailure } from "./answers.ts"
import type { Cause } from "./cause.ts"
import { type Loss, tooLarge } from "./failures.ts"
import { type HeaderBlock, headersOf } from "./headers.ts"
import type { Link } from "./link.ts"
import type { Multiplexer } from "./multiplexer.ts"
import type { Question, Verdict } from "./question.ts"

interface Acknowledgement {
  readonly duplicate?: boolean
  readonly error?: ServerError
}

const stored: Published = { stored: true, duplicate: false }
const duplicate: Published = { stored: true, duplicate: true }
const refused: Published = { stored: false }

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

/** How the server has been taking what was to be stored, apart from not answering at all. */
export interface Writes {
  /** What it said when it had no room, unless it has stored something since. */
  full: string | undefined
}

type Read = (subject: string) => Promise<Stored | undefined>

class Storing implements Question {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: HeaderBlock | undefined
  readonly writes = true
  readonly #unless: string | undefined
  readonly #cause: Cause
  readonly #read: Read
  readonly #writes: Writes
  readonly #resolve: (published: Published) => void
  readonly #reject: (error: unknown) => void

  constructor(
    publication: Publication,
    headers: HeaderBlock | undefined,
    cause: Cause,
    read: Read,
    writes: Writes,
    resolve: (published: Published) => void,
    reject: (error: unknown) => void
  ) {
    this.subject = publication.subject
    this.payload = publication.body
    this.headers = headers
    this.#unless = publication.unless
    this.#cause = cause
    this.#read = read
    this.#writes = writes
    this.#resolve = resolve
    this.#reject = reject
  }

  get doing(): string {
    return `storing a record on ${this.subject}`
  }

  answer(message: Msg, doubtful: boolean): Verdict {
    const { error, duplicate: seen } = message.json<Acknowledgement>()
    if (error === undefined) {
      this.#writes.full = undefined
      this.#resolve(seen === true ? duplicate : stored)
    } else if (error.err_code === conflict) this.#conflict(doubtful)
    else if (passes(error)) return "again"
    else this.#refused(serverFailure(this.doing, error))
    return "done"
  }

  #refused(error: BrokerError): void {
    if (error.reason === "Full") this.#writes.full = error.message
    this.#reject(error)
  }

  fail(error: BrokerError, lost?: Loss["cause"]): void {
    void this.#cause(error, lost).then(this.#reject)
  }

  /** A retry may have been refused because of its own first try, whose answer was lost: then the record is ours. */
  #conflict(doubtful: boolean): void {
    if (!doubtful || this.#unless !== this.subject) return this.#resolve(refused)
    this.#read(this.subject).then(
      (record) =>
        this.#resolve(
          record !== undefined && same(record.body, this.payload) ? duplicate : refused
        ),
      this.#reject
    )
  }
}

export const makePublisher =
  (link: Link, multiplexer: Multiplexer, cause: Cause, read: Read, writes: Writes) =>
  (publication: Publication): Promise<Published> =>
    new Promise((resolve, reject) => {
      const headers = headersOf(publication)
      const size = publication.body.length + (headers?.bytes.length ?? 0)
      if (size > link.maxPayload()) throw tooLarge(publication.subject, size, link.maxPayload())
      multiplexer.ask(new Storing(publication, headers, cause, read, writes, resolve, reject))
    })
