/** The records of runs: written by compare-and-set, and read; values whole or in parts, as much in a message as the broker takes now. */
import type { Branches } from "../plan/branches.ts"
import { kinds } from "../encode/kinds.ts"
import { innerPlace, type Place, type Reference } from "../encode/value-ref.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import type { Broker, Publication } from "../broker/broker.ts"
import { BrokerError, isTooLarge } from "../broker/errors.ts"
import { branchesIn, joinedBranches, joinTexts, type Value } from "./value.ts"
import {
  type ChunksReference,
  largestValue,
  lost,
  readChunks,
  storeChunks,
  tooLarge
} from "./chunks.ts"
import { portable } from "./portable.ts"
import type { RunFacts } from "./flow/position.ts"
import { beyondBounds, packVerdict, readVerdict, type Committed, type Verdict } from "./verdict.ts"

/** Values up to this size, in bytes, travel in the message itself. */
const inlineBytes = 256 * 1024

/** However little a broker takes, parts are not smaller, in bytes. */
const least = 256

/** A value as an outcome tells it. */
export type Told = Pick<Verdict, "value" | "branches">

/** The same, with everything read that was kept elsewhere. */
export interface Whole {
  readonly text: string
  readonly branches?: Branches
}

export class Records {
  readonly broker: Broker
  readonly namespace: string

  constructor(broker: Broker) {
    this.broker = broker
    this.namespace = broker.facts.namespace
  }

  /** The largest text, in bytes, that travels in a message; beside it there is room for as much again. */
  get largestInline(): number {
    return Math.max(least, Math.min(inlineBytes, Math.floor(this.broker.facts.maxBytes / 2)))
  }

  /** Whether a text may travel in a message. */
  fits(text: string): boolean {
    const most = this.largestInline
    // A character has three bytes at most.
    if (text.length * 3 <= most) return true
    return text.length <= most && Buffer.byteLength(text) <= most
  }

  /** Whether the broker takes a body as it is. */
  takes(body: Uint8Array): boolean {
    return body.length <= this.broker.facts.maxBytes
  }

  /** Whether several texts may travel in one message. */
  fitTogether(...texts: ReadonlyArray<string>): boolean {
    const most = this.largestInline
    const length = texts.reduce((sum, text) => sum + text.length, 0)
    if (length * 3 <= most) return true
    const bytes = (): number => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    return length <= most && bytes() <= most
  }

  /**
   * Puts something together and stores it; once more, with smaller parts, when the broker has come to take less
   * meanwhile. `again` says that the first try may be stored.
   */
  refitting<A>(work: (again: boolean) => Promise<A>, again = false): Promise<A> {
    const most = this.largestInline
    return work(again).catch((cause: unknown) => {
      if (!isTooLarge(cause) || this.largestInline >= most) throw cause
      return this.refitting(work, true)
    })
  }

  subject(address: RunAddress, place: Place): string {
    return recordSubject(this.namespace, place.kind, address, place.node, place.index)
  }

  /** The outcome stored at a place. */
  async outcome(address: RunAddress, place: Place): Promise<Verdict | undefined> {
    const stored = await this.broker.read(this.subject(address, place))
    return stored === undefined ? undefined : readVerdict(stored.body)
  }

  /** The text of a value, wherever it is kept. */
  async resolve(address: RunAddress, value: Value): Promise<string> {
    if ("text" in value) return value.text
    return (await this.#elsewhere(address, value.reference)).text
  }

  /** The text of a value, and which way it came. */
  async whole(address: RunAddress, { value, branches }: Told): Promise<Whole> {
    const own =
      branches === undefined ? undefined : branchesIn(await this.resolve(address, branches))
    const whole: Whole =
      "text" in value ? { text: value.text } : await this.#elsewhere(address, value.reference)
    if (own === undefined) return whole
    return { text: whole.text, branches: { ...whole.branches, ...own } }
  }

  async #elsewhere(address: RunAddress, reference: Reference): Promise<Whole> {
    switch (reference.from) {
      case "record": {
        const place = innerPlace(reference.node, reference.index)
        const verdict = await this.outcome(address, place)
        if (verdict === undefined) throw lost(`the outcome of step ${reference.node}`)
        return { text: await this.resolve(address, verdict.value) }
      }
      case "members":
        return this.#resolveMembers(address, reference)
      case "chunks":
        return { text: await readChunks(this.broker, address, reference) }
    }
  }

  /** The outcomes of a scope's members by position; the leader is asked again for what a lagging replica lacks. */
  async members(
    address: RunAddress,
    scope: string,
    count: number
  ): Promise<ReadonlyArray<Verdict | undefined>> {
    const filter = recordSubject(this.namespace, kinds.outcome, address, scope, "*")
    const found: Array<Verdict | undefined> = Array.from({ length: count })
    for (const { subject, body } of await this.broker.readAll(filter)) {
      found[Number(subject.slice(subject.lastIndexOf(".") + 1))] = readVerdict(body)
    }
    await Promise.all(
      found.map(async (verdict, at) => {
        if (verdict !== undefined) return
        found[at] = await this.outcome(address, innerPlace(scope, String(at)))
      })
    )
    return found
  }

  async #resolveMembers(
    address: RunAddress,
    reference: Extract<Reference, { readonly from: "members" }>
  ): Promise<Whole> {
    const { scope, count, keys, map } = reference
    const members = await this.members(address, scope, count)
    const parts = await Promise.all(
      members.map((verdict, at) => {
        if (verdict === undefined) throw lost(`member ${at + 1} of scope ${scope}`)
        return this.whole(address, verdict)
      })
    )
    const size = parts.reduce((sum, { text }) => sum + text.length, 0)
    if (size > largestValue) throw tooLarge(size)
    const values = parts.map(({ text }) => text)
    const ways = parts.map((part) => part.branches)
    const branches = joinedBranches(map, ways)
    const text = joinTexts(values, keys)
    return branches === undefined ? { text } : { text, branches }
  }

  /**
   * Stores an outcome unless the place has one; either way the answer is the one that is stored. What is given `besides`
   * is stored together with this outcome, or not at all.
   */
  commit(
    run: RunFacts,
    place: Place,
    offered: Verdict,
    besides?: (verdict: Verdict) => Promise<ReadonlyArray<Publication>>
  ): Promise<Committed> {
    const { value, branches } = offered
    return besides === undefined &&
      branches === undefined &&
      "text" in value &&
      this.fits(value.text)
      ? this.#commit(run, place, offered, [], true)
      : this.#commitBesides(run, place, offered, besides)
  }

  /** What cannot be stored after all, however it is put together, is a crash that says so. */
  async #commitBesides(
    run: RunFacts,
    place: Place,
    offered: Verdict,
    besides?: (verdict: Verdict) => Promise<ReadonlyArray<Publication>>
  ): Promise<Committed> {
    const store = async (offered: Verdict): Promise<Committed> => {
      const verdict = await portable(this, run, offered, place.kind === kinds.runOutcome)
      const more = besides === undefined ? [] : await besides(verdict)
      return this.#commit(run, place, verdict, more)
    }
    return this.refitting(() => store(offered)).catch((cause: unknown) => {
      if (!isTooLarge(cause)) throw cause
      return store(beyondBounds(offered, cause))
    })
  }

  /** `whole`: as it is; it may be put together in smaller parts, should the broker have come to take less. */
  #commit(
    run: RunFacts,
    place: Place,
    verdict: Verdict,
    more: ReadonlyArray<Publication>,
    whole = false
  ): Promise<Committed> {
    const subject = this.subject(run.address, place)
    const body = packVerdict(run.address, verdict)
    const outcome: Publication =
      place.kind === kinds.runOutcome
        ? { subject, unless: subject, body, ttl: run.keep }
        : { subject, unless: subject, body }
    const storing =
      more.length === 0
        ? this.broker.publish(outcome)
        : this.broker.publishTogether([outcome, ...more])
    return storing.then(
      (published) =>
        published.stored
          ? { verdict, ours: !published.duplicate }
          : this.#another(run.address, place),
      (cause: unknown) => {
        if (!whole || !isTooLarge(cause)) throw cause
        return this.#commitBesides(run, place, verdict)
      }
    )
  }

  /** The outcome because of which another was refused. */
  async #another(address: RunAddress, place: Place): Promise<Committed> {
    const stored = await this.outcome(address, place)
    if (stored !== undefined) return { verdict: stored, ours: false }
    const message = `${this.subject(address, place)} was refused as already decided, yet nothing is stored there`
    throw new BrokerError({ reason: "Unknown", message })
  }

  /** Stores a large text in parts and gives its reference. */
  keepText(
    run: RunFacts,
    text: string,
    kept = false
  ): Promise<{ readonly reference: ChunksReference }> {
    return this.refitting(async () => ({
      reference: await storeChunks(this.broker, run, text, { size: this.largestInline, kept })
    }))
  }
}
