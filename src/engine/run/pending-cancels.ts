/** Cancels that were stored while no worker could carry them out: what they are for never begins, although its calls may come first. */
import { unpackMessage, Unreadable } from "../../encode/codec.ts"
import { cancelsFilter, parseSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Records } from "../records.ts"
import { after } from "../../broker/time.ts"

const nameOf = ({ owner, instance, run }: RunAddress): string => `${owner}.${instance}.${run}`

/** After so long it is looked whether those that were found are done, so that calls need no longer be held against them: milliseconds. */
const done = 10_000

/** Why, for a cancel that a newer release has worded in its own way. */
const unread = "cancelled on request"

export class PendingCancels {
  readonly #records: Records
  /** Whether a call has to be held against what is known here: nearly never. */
  matter = false
  /** The runs, and why each is cancelled. */
  #runs: ReadonlyMap<string, string> = new Map()
  #look: Promise<void> | undefined
  /** The last look found no answer. */
  #unknown = false
  #forget = (): void => {}

  constructor(records: Records) {
    this.#records = records
  }

  /** Looks which cancels wait: before the first call is taken, and whenever the broker was away. */
  look(): Promise<void> {
    this.#forget()
    const look = this.#read().then(
      (runs) => {
        if (this.#look !== look) return
        this.#runs = runs
        if (runs.size > 0) this.#forget = after(done, () => void this.look().catch(() => {}))
        this.#unknown = false
        this.#look = undefined
        this.matter = runs.size > 0
      },
      (cause: unknown) => {
        if (this.#look === look) {
          this.#unknown = true
          this.#look = undefined
        }
        throw cause
      }
    )
    this.#look = look
    this.matter = true
    return look
  }

  /** Looks no more. */
  stop(): void {
    this.#forget()
  }

  /** Why a run is cancelled, if it is. Rejects when that cannot be known now. */
  async reasonFor(address: RunAddress): Promise<string | undefined> {
    while (this.#look !== undefined) await this.#look
    if (this.#unknown) await this.look()
    return this.#runs.get(nameOf(address))
  }

  /** Those that another worker has in hand are among them: they are stored until they are done. */
  async #read(): Promise<ReadonlyMap<string, string>> {
    const { broker, namespace } = this.#records
    const filter = cancelsFilter(namespace)
    if ((await broker.count(filter)) === 0) return new Map()
    const cancels = await broker.readAll(filter)
    return new Map(
      cancels.flatMap(({ subject, body }) => {
        const parts = parseSubject(subject)
        return parts === undefined ? [] : [[nameOf(parts), reasonIn(body)] as const]
      })
    )
  }
}

const reasonIn = (body: Uint8Array): string => {
  const parcel = unpackMessage(body)
  return parcel instanceof Unreadable || parcel.message.kind !== "cancel"
    ? unread
    : parcel.message.reason
}
