/** Stores records, alone or several whole, once, whatever happens to the connection in between. */
import type { Msg } from "@nats-io/transport-node"
import type { BrokerError } from "../failure.ts"
import type { Publication, Published, Stored } from "../broker.ts"
import { conflict, passes, type ServerError, serverFailure } from "./answers.ts"
import type { Cause } from "./cause.ts"
import { type Loss, tooLarge } from "./failures.ts"
import { batchHeadersOf, type HeaderBlock, headersOf } from "./headers.ts"
import type { Link } from "./link.ts"
import type { Multiplexer } from "./multiplexer.ts"
import type { Leading, Question, Verdict } from "./question.ts"

interface Acknowledgement {
  readonly duplicate?: boolean
  readonly error?: ServerError
}

const stored: Published = { stored: true, duplicate: false }
const duplicate: Published = { stored: true, duplicate: true }
const refused: Published = { stored: false }

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

type Read = (subject: string) => Promise<Stored | undefined>

/** What is stored: one record, or a batch that is stored whole or not at all. */
interface Cargo {
  /** The last record: it is what the server answers to. */
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: HeaderBlock | undefined
  readonly before?: () => ReadonlyArray<Leading>
  /** The record by which a write that was refused can be known for our own, stored by an earlier try. */
  readonly named: Publication | undefined
}

class Storing implements Question {
  readonly writes = true
  readonly #cargo: Cargo
  readonly #cause: Cause
  readonly #read: Read
  readonly #resolve: (published: Published) => void
  readonly #reject: (error: unknown) => void

  constructor(
    cargo: Cargo,
    cause: Cause,
    read: Read,
    resolve: (published: Published) => void,
    reject: (error: unknown) => void
  ) {
    this.#cargo = cargo
    this.#cause = cause
    this.#read = read
    this.#resolve = resolve
    this.#reject = reject
  }

  get subject(): string {
    return this.#cargo.subject
  }

  get payload(): Uint8Array {
    return this.#cargo.payload
  }

  get headers(): HeaderBlock | undefined {
    return this.#cargo.headers
  }

  get doing(): string {
    return `storing a record on ${this.#cargo.named?.subject ?? this.subject}`
  }

  before(): ReadonlyArray<Leading> {
    return this.#cargo.before?.() ?? []
  }

  answer(message: Msg, doubtful: boolean): Verdict {
    const { error, duplicate: seen } = message.json<Acknowledgement>()
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
    const { named } = this.#cargo
    if (!doubtful || named === undefined) return this.#resolve(refused)
    this.#read(named.subject).then(
      (record) =>
        this.#resolve(record !== undefined && same(record.body, named.body) ? duplicate : refused),
      this.#reject
    )
  }
}

export interface Publisher {
  publish(publication: Publication): Promise<Published>
  publishTogether(publications: ReadonlyArray<Publication>): Promise<Published>
}

/** Batches that may be under way at once: the server takes 50 a stream, of all processes together. */
const mostBatches = 16

export const makePublisher = (
  link: Link,
  multiplexer: Multiplexer,
  cause: Cause,
  read: Read
): Publisher => {
  const store = (cargo: Cargo): Promise<Published> =>
    new Promise((resolve, reject) => {
      multiplexer.ask(new Storing(cargo, cause, read, resolve, reject))
    })
  const checkSize = ({ subject, body }: Publication, headers: HeaderBlock | undefined): void => {
    const size = body.length + (headers?.bytes.length ?? 0)
    if (size > link.maxPayload()) throw tooLarge(subject, size, link.maxPayload())
  }
  const single = async (publication: Publication): Promise<Published> => {
    const headers = headersOf(publication)
    checkSize(publication, headers)
    const { subject, body, unless } = publication
    return store({
      subject,
      payload: body,
      headers,
      named: unless === subject ? publication : undefined
    })
  }
  let batches = 0
  const batchOf = (publications: ReadonlyArray<Publication>): Promise<Published> => {
    // Each attempt is a batch of its own: the server may still hold a part of the one before.
    const attempt = (): ReadonlyArray<Leading> => {
      batches += 1
      const batch = `${link.inbox.slice(-22)}.${batches}`
      return publications.map((publication, at) => {
        const last = at === publications.length - 1
        const headers = batchHeadersOf(publication, { batch, position: at + 1, last })
        return { subject: publication.subject, payload: publication.body, headers }
      })
    }
    let parts = attempt()
    for (const [at, publication] of publications.entries()) {
      checkSize(publication, parts[at]!.headers)
    }
    const { subject, payload } = parts.at(-1)!
    return store({
      subject,
      payload,
      get headers() {
        return parts.at(-1)!.headers
      },
      before: () => {
        parts = attempt()
        return parts.slice(0, -1)
      },
      named: publications[0]
    })
  }
  const waiting: Array<() => void> = []
  let underWay = 0
  return {
    publish: single,
    publishTogether: async (publications) => {
      if (publications.length < 2) return single(publications[0]!)
      if (underWay >= mostBatches) await new Promise<void>((go) => waiting.push(go))
      underWay += 1
      try {
        return await batchOf(publications)
      } finally {
        underWay -= 1
        waiting.shift()?.()
      }
    }
  }
}
