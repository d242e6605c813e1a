/** Reads and writes the records of runs: outcomes by compare-and-set, values whole or in parts. */
import { type Soon } from "../define/awaitable.ts"
import type { Branches } from "../plan/branches.ts"
import { kinds } from "../encode/kinds.ts"
import { innerPlace, type Place, type Reference } from "../encode/value-ref.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import type { Publication, Published } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import { branchesIn, joinedBranches, textOf } from "./flow/branches.ts"
import {
  type ChunksReference,
  largestValue,
  lost,
  readChunks,
  storeChunks,
  tooLarge
} from "./chunks.ts"
import { Fitting, isTooLarge } from "./room/fitting.ts"
import type { RunFacts } from "./flow/position.ts"
import { joinTexts, type Value } from "./value.ts"
import { beyondBounds, packVerdict, readVerdict, type Committed, type Verdict } from "./verdict.ts"

/** A value as an outcome tells it. */
type Told = Pick<Verdict, "value" | "branches">

/** The same, with everything read that was kept elsewhere. */
export interface Whole {
  readonly text: string
  readonly branches?: Branches
}

const withoutUndefined = (value: Value, branches: Value | undefined): Told =>
  branches === undefined ? { value } : { value, branches }

export class Records extends Fitting {
  get namespace(): string {
    return this.broker.facts.namespace
  }

  subject(address: RunAddress, place: Place): string {
    return recordSubject(this.namespace, place.kind, address, place.node, place.index)
  }

  /** The outcome stored at a place. */
  async outcome(address: RunAddress, place: Place): Promise<Verdict | undefined> {
    const stored = await this.broker.read(this.subject(address, place))
    return stored === undefined ? undefined : readVerdict(stored.body)
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
      const verdict = await this.#portable(run, offered, place.kind === kinds.runOutcome)
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
    return this.#store(outcome, more).then(
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

  #store(outcome: Publication, more: ReadonlyArray<Publication>): Promise<Published> {
    if (more.length === 0) return this.broker.publish(outcome)
    return this.broker.publishTogether([outcome, ...more])
  }

  /** The verdict with its value where it can stay; a value beyond every bound makes it a crash that says so. */
  async #portable(run: RunFacts, offered: Verdict, kept: boolean): Promise<Verdict> {
    try {
      return { ...offered, ...(await this.#settled(run, offered, kept)) }
    } catch (cause) {
      if (!isTooLarge(cause)) throw cause
      return beyondBounds(offered, cause)
    }
  }

  /** A value that stays as long as its outcome does, with the way it came: whole when it fits, in chunks otherwise. */
  async #settled(run: RunFacts, { value, branches }: Told, kept: boolean): Promise<Told> {
    if (kept && !(this.#stays(value) && (branches === undefined || this.#stays(branches)))) {
      const whole = await this.whole(run.address, withoutUndefined(value, branches))
      const said = whole.branches === undefined ? undefined : textOf(whole.branches)
      return this.#settled(run, withoutUndefined({ text: whole.text }, said), true)
    }
    const settled = await this.#fitting(run, value, kept)
    if (branches === undefined) return { value: settled }
    const beside = "text" in settled ? settled.text : ""
    const together = "text" in branches && this.fitTogether(beside, branches.text)
    return {
      value: settled,
      branches: together ? branches : await this.#apart(run, branches, kept)
    }
  }

  /** Whether a value is there for as long as the outcome of its run. */
  #stays(value: Value): boolean {
    return "text" in value || (value.reference.from === "chunks" && value.reference.kept === true)
  }

  #fitting(run: RunFacts, value: Value, kept: boolean): Soon<Value> {
    return "reference" in value || this.fits(value.text) ? value : this.#apart(run, value, kept)
  }

  #apart(run: RunFacts, value: Value, kept: boolean): Soon<Value> {
    return "reference" in value ? value : this.keepText(run, value.text, kept)
  }

  /** Stores a large text in parts and gives its reference. */
  keepText(
    run: RunFacts,
    text: string,
    kept = false
  ): Promise<{ readonly reference: ChunksReference }> {
    return this.refitting(async () => ({
      reference: await storeChunks(this.broker, run, text, this.largestInline, kept)
    }))
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
}
