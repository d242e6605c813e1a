/** Stores records, alone or several whole, once, whatever happens to the connection in between. */
import type { Begins, IfFull, Publication, Published } from "../broker/broker.ts"
import { tooLarge } from "./messages.ts"
import { batchHeadersOf, type HeaderBlock, headersOf } from "./headers.ts"
import type { Link } from "./connection.ts"
import type { Multiplexer } from "./requests.ts"
import type { Leading } from "./request.ts"
import type { RoomWatch } from "./room.ts"
import { type Cargo, type Store, Storing } from "./publish-request.ts"
import { Turns } from "./keyed-mutex.ts"

export interface PublisherOptions extends Store {
  readonly link: Link
  readonly multiplexer: Multiplexer
  readonly replicas: number
  readonly room: Pick<RoomWatch, "admit">
}

export interface Publisher {
  publish(publication: Publication, signal?: AbortSignal, ifFull?: IfFull): Promise<Published>
  publishTogether(
    publications: ReadonlyArray<Publication>,
    signal?: AbortSignal
  ): Promise<Published>
}

/** Batches that may be under way at once: the server takes 50 a stream, of all processes together. */
const mostBatches = 16

/** What the server keeps of a record besides its body, subject and headers, in bytes. */
const overhead = 30

/** What a record takes: of a small one the body is the lesser part. */
const sizeOf = ({ subject, body }: Publication, headers?: HeaderBlock): number =>
  subject.length + body.length + (headers?.bytes.length ?? 0) + overhead

export const makePublisher = (options: PublisherOptions): Publisher => {
  const { link, multiplexer, replicas, room } = options
  const store = (cargo: Cargo, signal: AbortSignal | undefined): Promise<Published> =>
    new Promise((resolve, reject) => {
      multiplexer.ask(new Storing(cargo, options, resolve, reject, signal))
    })
  const checkSize = ({ subject, body }: Publication, headers: HeaderBlock | undefined): void => {
    const size = body.length + (headers?.bytes.length ?? 0)
    if (size > link.maxPayload()) throw tooLarge(subject, size, link.maxPayload())
  }
  const turns = new Turns()
  const single = (
    publication: Publication,
    signal?: AbortSignal,
    ifFull?: IfFull
  ): Promise<Published> => {
    let headers: HeaderBlock | undefined
    try {
      headers = headersOf(publication)
      checkSize(publication, headers)
    } catch (refusal) {
      return Promise.reject(refusal)
    }
    const { subject, body, given } = publication
    const unless = publication.unless ?? given?.subject
    const named = unless === subject ? publication : undefined
    const { begins } = publication
    const bytes = sizeOf(publication, headers)
    const cargo = { subject, payload: body, headers, publication, named, bytes, begins, ifFull }
    if (begins !== undefined) {
      const refusal = room.admit(bytes, begins)
      if (refusal !== undefined) return admitted(refusal, cargo, unless, signal)
    }
    return inTurn(cargo, unless, signal)
  }
  const inTurn = (
    cargo: Cargo,
    unless: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<Published> => {
    if (replicas === 1 || unless === undefined || unless === cargo.subject)
      return store(cargo, signal)
    return turns.take(unless, () => store(cargo, signal))
  }
  /** Stores what may begin once that is known. */
  const admitted = async (
    refusal: ReturnType<RoomWatch["admit"]>,
    cargo: Cargo,
    unless: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<Published> => {
    const full = await refusal
    if (full === undefined) return inTurn(cargo, unless, signal)
    if (cargo.ifFull === undefined) throw full
    return cargo.ifFull(full, cargo.publication!, signal)
  }
  let batches = 0
  const batchOf = (
    publications: ReadonlyArray<Publication>,
    signal: AbortSignal | undefined,
    begins: Begins | undefined
  ): Promise<Published> => {
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
    const cargo: Cargo = {
      subject,
      payload,
      get headers() {
        return parts.at(-1)!.headers
      },
      before: () => {
        parts = attempt()
        return parts.slice(0, -1)
      },
      named: publications[0],
      bytes: publications.reduce((sum, { body }) => sum + body.length, 0),
      begins
    }
    return store(cargo, signal)
  }
  const waiting: Array<() => void> = []
  let underWay = 0
  return {
    publish: single,
    publishTogether: async (publications, signal) => {
      if (publications.length < 2) return single(publications[0]!, signal)
      if (underWay >= mostBatches) await new Promise<void>((go) => waiting.push(go))
      underWay += 1
      try {
        const begins = publications.find((publication) => publication.begins !== undefined)?.begins
        const bytes = publications.reduce((sum, publication) => sum + sizeOf(publication), 0)
        const refusal = begins === undefined ? undefined : await room.admit(bytes, begins)
        if (refusal !== undefined) throw refusal
        return await batchOf(publications, signal, begins)
      } finally {
        underWay -= 1
        waiting.shift()?.()
      }
    }
  }
}
