/** Writes the records of runs: outcomes by compare-and-set, values whole or in parts. */
import { type Soon } from "../define/awaitable.ts"
import { kinds } from "../encode/kinds.ts"
import type { Place } from "../encode/value-ref.ts"
import type { RunAddress } from "../encode/subjects.ts"
import type { Publication, Published } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import { textOf } from "./flow/branches.ts"
import { type ChunksReference, storeChunks } from "./chunks.ts"
import { isTooLarge } from "./room/fitting.ts"
import type { RunFacts } from "./flow/position.ts"
import { Reading, type Told } from "./reading.ts"
import type { Value } from "./value.ts"
import { beyondBounds, packVerdict, type Committed, type Verdict } from "./verdict.ts"

const withoutUndefined = (value: Value, branches: Value | undefined): Told =>
  branches === undefined ? { value } : { value, branches }

export class Records extends Reading {
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
    if (kept && !(stays(value) && (branches === undefined || stays(branches)))) {
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
      reference: await storeChunks(this.broker, run, text, { size: this.largestInline, kept })
    }))
  }
}

/** Whether a value is there for as long as the outcome of its run. */
const stays = (value: Value): boolean =>
  "text" in value || (value.reference.from === "chunks" && value.reference.kept === true)
