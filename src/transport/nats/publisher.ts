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
import type { Progress } from "./progress.ts"
import type { Question, Verdict } from "./question.ts"
import { Turns } from "./turns.ts"

interface Acknowledgement {
  readonly seq?: number
  readonly duplicate?: boolean
  readonly error?: ServerError
}

const stored: Published = { stored: true, duplicate: false }
const duplicate: Published = { stored: true, duplicate: true }
const refused: Published = { stored: false }

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

type Read = (subject: string) => Promise<Stored | undefined>

export interface PublisherOptions {
  readonly link: Link
  readonly multiplexer: Multiplexer
  readonly cause: Cause
  readonly read: Read
  readonly progress: Progress
  readonly replicas: number
}

class Storing implements Question {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: HeaderBlock | undefined
  readonly writes = true
  readonly #unless: string | undefined
  readonly #cause: Cause
  readonly #read: Read
  readonly #progress: Progress
  readonly #resolve: (published: Published) => void
  readonly #reject: (error: unknown) => void

  constructor(
    publication: Publication,
    headers: HeaderBlock | undefined,
    { cause, read, progress }: PublisherOptions,
    resolve: (published: Published) => void,
    reject: (error: unknown) => void
  ) {
    this.subject = publication.subject
    this.payload = publication.body
    this.headers = headers
    this.#unless = publication.unless
    this.#cause = cause
    this.#read = read
    this.#progress = progress
    this.#resolve = resolve
    this.#reject = reject
  }

  get doing(): string {
    return `storing a record on ${this.subject}`
  }

  answer(message: Msg, doubtful: boolean): Verdict {
    const { seq, error, duplicate: seen } = message.json<Acknowledgement>()
    this.#progress.note(seq)
    if (error === undefined) this.#resolve(seen === true ? duplicate : stored)
    else if (error.err_code === conflict) this.#conflict(doubtful)
    else if (passes(error)) return "again"
    else this.#reject(serverFailure(this.doing, error))
    return "done"
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

export const makePublisher = (
  options: PublisherOptions
): ((publication: Publication) => Promise<Published>) => {
  const { link, multiplexer, replicas } = options
  const store = (publication: Publication, headers: HeaderBlock | undefined): Promise<Published> =>
    new Promise((resolve, reject) => {
      multiplexer.ask(new Storing(publication, headers, options, resolve, reject))
    })
  const turns = new Turns()
  return async (publication) => {
    const { subject, unless } = publication
    const headers = headersOf(publication)
    const size = publication.body.length + (headers?.bytes.length ?? 0)
    if (size > link.maxPayload()) throw tooLarge(subject, size, link.maxPayload())
    if (replicas === 1 || unless === undefined || unless === subject) {
      return store(publication, headers)
    }
    return turns.take(unless, () => store(publication, headers))
  }
}
