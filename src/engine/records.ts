/** Reads and writes the records of runs: outcomes by compare-and-set, values whole or in chunks. */
import type { Broker, Published } from "../transport/broker.ts"
import { BrokerError } from "../transport/failure.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import {
  packMessage,
  unpackKind,
  type OutcomeMessage,
  type Place,
  type Reference
} from "../encode/message.ts"
import { newToken } from "../encode/identity.ts"
import { joinTexts, type Value } from "./value.ts"
import type { Committed, Verdict } from "./verdict.ts"
import type { RunFacts } from "./frame.ts"

/** Values up to this size, in bytes, travel in the message itself. */
export const inlineBytes = 256 * 1024

/** The largest value Arpeggio moves, in bytes. */
export const largestValue = 64 * 1024 * 1024

const bytesOf = (text: string): number => Buffer.byteLength(text)

export class Records {
  readonly broker: Broker
  readonly #chunkBytes: number

  constructor(broker: Broker) {
    this.broker = broker
    this.#chunkBytes = Math.min(inlineBytes, Math.floor(broker.facts.maxBytes / 2))
  }

  get namespace(): string {
    return this.broker.facts.namespace
  }

  subject(address: RunAddress, place: Place): string {
    return recordSubject(this.namespace, place.kind, address, place.node, place.index)
  }

  /** Whether a text may travel in a message. */
  fits(text: string): boolean {
    return text.length <= this.#chunkBytes && bytesOf(text) <= this.#chunkBytes
  }

  /** The outcome stored at a place. */
  async outcome(address: RunAddress, place: Place): Promise<Verdict | undefined> {
    const stored = await this.broker.read(this.subject(address, place))
    return stored === undefined ? undefined : readVerdict(stored.body)
  }

  /** Stores an outcome unless the place has one; either way the answer is the one that is stored. */
  async commit(run: RunFacts, place: Place, offered: Verdict): Promise<Committed> {
    const kept = place.kind === "r"
    const verdict = await this.#portable(run, offered, kept)
    const subject = this.subject(run.address, place)
    const published = await this.broker.publish({
      subject,
      unless: subject,
      body: packVerdict(run.address, verdict),
      ...(kept ? { ttl: run.keep } : {})
    })
    if (published.stored) return { verdict, ours: !published.duplicate }
    const stored = await this.outcome(run.address, place)
    if (stored !== undefined) return { verdict: stored, ours: false }
    throw new BrokerError({
      reason: "Unknown",
      message: `${subject} was refused as already decided, yet nothing is stored there`
    })
  }

  /** The verdict with its value where it can stay; a value beyond every bound makes it a crash that says so. */
  async #portable(run: RunFacts, offered: Verdict, kept: boolean): Promise<Verdict> {
    try {
      return { ...offered, value: await this.#settled(run, offered.value, kept) }
    } catch (cause) {
      if (!(cause instanceof BrokerError) || cause.reason !== "TooLarge") throw cause
      const text = JSON.stringify({ name: "ValueTooLarge", message: cause.message })
      return { ...offered, tag: "Crashed", value: { text } }
    }
  }

  /** A value that stays as long as its outcome does: whole when it fits, in chunks otherwise. */
  async #settled(run: RunFacts, value: Value, kept: boolean): Promise<Value> {
    if ("text" in value) return this.fits(value.text) ? value : this.keepText(run, value.text, kept)
    if (!kept || (value.reference.from === "chunks" && value.reference.kept === true)) return value
    return this.#settled(run, { text: await this.resolve(run.address, value) }, kept)
  }

  /** Stores a large text in chunks and gives its reference. */
  async keepText(run: RunFacts, text: string, kept = false): Promise<Value> {
    const bytes = Buffer.from(text)
    if (bytes.length > largestValue) throw tooLarge(bytes.length)
    const id = newToken()
    const count = Math.ceil(bytes.length / this.#chunkBytes)
    const chunks: Array<Promise<Published>> = []
    for (let at = 0; at < count; at++) {
      chunks.push(
        this.broker.publish({
          subject: this.#chunk(run.address, id, at, kept),
          body: bytes.subarray(at * this.#chunkBytes, (at + 1) * this.#chunkBytes),
          ...(kept ? { ttl: run.keep + 60_000 } : {})
        })
      )
    }
    await Promise.all(chunks)
    return {
      reference: { from: "chunks", id, count, bytes: bytes.length, ...(kept ? { kept } : {}) }
    }
  }

  /** The text of a value, wherever it is kept. */
  async resolve(address: RunAddress, value: Value): Promise<string> {
    if ("text" in value) return value.text
    const { reference } = value
    switch (reference.from) {
      case "record": {
        const place: Place = { kind: "i", node: reference.node, index: reference.index }
        const verdict = await this.outcome(address, place)
        if (verdict === undefined) throw lost(`the outcome of step ${reference.node}`)
        return this.resolve(address, verdict.value)
      }
      case "members":
        return this.#resolveMembers(address, reference)
      case "chunks":
        return this.#resolveChunks(address, reference)
    }
  }

  /** The outcomes of a scope's members by position; the leader is asked again for what a lagging replica lacks. */
  async members(
    address: RunAddress,
    scope: string,
    count: number
  ): Promise<ReadonlyArray<Verdict | undefined>> {
    const filter = recordSubject(this.namespace, "i", address, scope, "*")
    const found: Array<Verdict | undefined> = Array.from({ length: count })
    for (const stored of await this.broker.readAll(filter)) {
      found[Number(stored.subject.slice(stored.subject.lastIndexOf(".") + 1))] = readVerdict(
        stored.body
      )
    }
    await Promise.all(
      found.map(async (verdict, at) => {
        if (verdict !== undefined) return
        found[at] = await this.outcome(address, { kind: "i", node: scope, index: String(at) })
      })
    )
    return found
  }

  async #resolveMembers(
    address: RunAddress,
    reference: Extract<Reference, { readonly from: "members" }>
  ): Promise<string> {
    const members = await this.members(address, reference.scope, reference.count)
    const texts = members.map((verdict, at) => {
      if (verdict === undefined) throw lost(`member ${at + 1} of scope ${reference.scope}`)
      return this.resolve(address, verdict.value)
    })
    return joinTexts(await Promise.all(texts), reference.keys)
  }

  async #resolveChunks(
    address: RunAddress,
    reference: Extract<Reference, { readonly from: "chunks" }>
  ): Promise<string> {
    const { id, count, kept } = reference
    const chunks = Array.from({ length: count }, async (_, at) => {
      const stored = await this.broker.read(this.#chunk(address, id, at, kept === true))
      if (stored === undefined) throw lost(`part ${at + 1} of ${count} of a large value`)
      return stored.body
    })
    return Buffer.concat(await Promise.all(chunks)).toString()
  }

  #chunk(address: RunAddress, id: string, at: number, kept: boolean): string {
    const subject = recordSubject(this.namespace, "v", address, id, String(at))
    return kept ? subject.replace(".v._.", ".v.r.") : subject
  }
}

const lost = (what: string): BrokerError =>
  new BrokerError({
    reason: "Gone",
    message: `${what} is no longer stored: it was removed from the stream by hand, or the run was collected`
  })

const tooLarge = (bytes: number): BrokerError =>
  new BrokerError({
    reason: "TooLarge",
    message: `the value has ${bytes} bytes, and the largest that can be moved has ${largestValue}: pass a reference to where it is kept (a file, an object store) instead`
  })

export const packVerdict = (address: RunAddress, verdict: Verdict): Uint8Array => {
  const message: OutcomeMessage = {
    v: 1,
    kind: "outcome",
    run: address.run,
    tag: verdict.tag,
    step: verdict.step,
    attempt: verdict.attempt,
    worker: verdict.worker,
    began: verdict.began,
    ended: verdict.ended,
    ...(verdict.decided === undefined ? {} : { decided: verdict.decided }),
    codec: "json",
    ...("reference" in verdict.value ? { value: verdict.value.reference } : {})
  }
  return packMessage(message, "text" in verdict.value ? [verdict.value.text] : [])
}

export const readVerdict = (body: Uint8Array): Verdict => {
  const { message, slots } = unpackKind(body, "outcome")
  return {
    tag: message.tag,
    value:
      message.value === undefined ? { text: slots[0] ?? "null" } : { reference: message.value },
    step: message.step,
    attempt: message.attempt,
    worker: message.worker,
    began: message.began,
    ended: message.ended,
    ...(message.decided === undefined ? {} : { decided: message.decided })
  }
}
