/** Writes a publication's conditions as the header block the server reads. */
import type { MsgHdrs } from "@nats-io/transport-node"
import type { Publication } from "../broker/broker.ts"

/** Headers that are bytes already. The client library only ever encodes what it sends, and its own headers cost more than the rest of a publication. */
export class HeaderBlock {
  readonly bytes: Uint8Array

  constructor(text: string) {
    this.bytes = Buffer.from(text)
  }

  encode(): Uint8Array {
    return this.bytes
  }

  get forClient(): MsgHdrs {
    return this as unknown as MsgHdrs
  }
}

const block = (text: string): HeaderBlock => new HeaderBlock(text)

const wholeSeconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000))

const lineBreak = /[\r\n]/

/** Where a publication stands in a batch that is stored whole or not at all. */
export interface BatchPlace {
  readonly batch: string
  /** Counted from 1. */
  readonly position: number
  readonly last: boolean
}

/** The conditions of a publication of a batch. */
export const batchHeadersOf = (publication: Publication, place: BatchPlace): HeaderBlock =>
  block(`NATS/1.0\r\n${placeLines(place)}${linesOf(publication)}\r\n`)

const placeLines = ({ batch, position, last }: BatchPlace): string =>
  `Nats-Batch-Id: ${batch}\r\nNats-Batch-Sequence: ${position}\r\n${last ? "Nats-Batch-Commit: 1\r\n" : ""}`

/** The conditions of a publication, or `undefined` when it has none. */
export const headersOf = (publication: Publication): HeaderBlock | undefined => {
  const text = linesOf(publication)
  return text === "" ? undefined : block(`NATS/1.0\r\n${text}\r\n`)
}

const linesOf = (publication: Publication): string => {
  const { subject, id, unless, given, replaces, ttl, fire } = publication
  let text = ""
  if (id !== undefined) text += `Nats-Msg-Id: ${id}\r\n`
  if (unless !== undefined) text += conditionLines(subject, unless, 0)
  if (given !== undefined) text += conditionLines(subject, given.subject, given.sequence)
  if (replaces === true) text += "Nats-Rollup: sub\r\n"
  if (ttl !== undefined) text += `Nats-TTL: ${wholeSeconds(ttl)}s\r\n`
  if (fire !== undefined) {
    // The server's clock has finer grains than ours: a time with a fraction is rounded up, so that it is never early.
    const at = new Date(Math.ceil(fire.time)).toISOString()
    text += `Nats-Schedule: @at ${at}\r\nNats-Schedule-Target: ${fire.target}\r\n`
  }
  refuseBreak(id)
  refuseBreak(unless)
  refuseBreak(given?.subject)
  refuseBreak(fire?.target)
  return text
}

const refuseBreak = (value: string | undefined): void => {
  if (value === undefined || !lineBreak.test(value)) return
  throw new TypeError(`a line break in ${JSON.stringify(value)}: it would end the header early`)
}

/** What the last record of a subject has to be. */
const conditionLines = (own: string, subject: string, sequence: number): string => {
  const number = `Nats-Expected-Last-Subject-Sequence: ${sequence}\r\n`
  return subject === own
    ? number
    : `${number}Nats-Expected-Last-Subject-Sequence-Subject: ${subject}\r\n`
}
