/** Reads the records of runs: outcomes, and values wherever they are kept, with the way they came. */
import type { Branches } from "../plan/branches.ts"
import { kinds } from "../encode/kinds.ts"
import { innerPlace, type Place, type Reference } from "../encode/value-ref.ts"
import { recordSubject, type RunAddress } from "../encode/subjects.ts"
import { branchesIn, joinedBranches } from "./flow/branches.ts"
import { largestValue, lost, readChunks, tooLarge } from "./chunks.ts"
import { Fitting } from "./room/fitting.ts"
import { joinTexts, type Value } from "./value.ts"
import { readVerdict, type Verdict } from "./verdict.ts"

/** A value as an outcome tells it. */
export type Told = Pick<Verdict, "value" | "branches">

/** The same, with everything read that was kept elsewhere. */
export interface Whole {
  readonly text: string
  readonly branches?: Branches
}

export class Reading extends Fitting {
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
