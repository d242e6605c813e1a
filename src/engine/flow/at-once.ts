/** Ends nodes as they begin: an empty group or map, what passes its input on, what can never begin. */
import { isFinal } from "../../broker/errors.ts"
import { commitAt } from "./ender.ts"
import type { Context } from "../context.ts"
import { NotAList } from "./items.ts"
import { describePosition, placeOf, stepOf, type Position } from "./position.ts"
import type { Beginning } from "../sender.ts"
import type { Value } from "../value.ts"
import { crashText, type Committed, type Verdict } from "../verdict.ts"

/** What to do when the outcome of a node is committed; `again`: it may have been done before. */
export type Completed = (
  at: Position,
  committed: Committed,
  again: boolean
) => Promise<void> | undefined

/** How a node ends that ends as it begins. */
type Ending = Pick<Verdict, "tag" | "value" | "branches" | "decided" | "contract">

export class AtOnce {
  readonly #engine: Context
  readonly #completed: Completed

  constructor(engine: Context, completed: Completed) {
    this.#engine = engine
    this.#completed = completed
  }

  /** A node that passes on what arrives. */
  passed(at: Position, input: Value, beginning: Beginning): Promise<void> {
    return this.#complete(at, this.#passing(at, input, beginning), beginning)
  }

  /** A sleep that is over: it gives on what arrived, and which way that had come. */
  awoken(at: Position, input: Value, beginning: Beginning): Promise<void> {
    const { branches } = beginning
    const ending = this.#passing(at, input, beginning)
    return this.#complete(at, branches === undefined ? ending : { ...ending, branches }, beginning)
  }

  /** A call for which it is too late. */
  expired(at: Position, task: string, since: number, beginning: Beginning): Promise<void> {
    const decided = { step: stepOf(at), task, attempt: 1, place: describePosition(at) }
    const value = { text: JSON.stringify({ at: since }) }
    return this.#complete(at, { tag: "Expired", value, decided }, beginning)
  }

  /** A node whose value is known before it begins, as JSON. */
  succeeded(at: Position, text: string, beginning: Beginning): Promise<void> {
    return this.#complete(at, { tag: "Succeeded", value: { text } }, beginning)
  }

  /** A node that can never begin, as with an input beyond every bound, has crashed. */
  async crashed(at: Position, beginning: Beginning, task: string, cause: unknown): Promise<void> {
    const name = cause instanceof NotAList ? "InvalidInput" : "InputUnavailable"
    if (!(cause instanceof NotAList) && !isFinal(cause)) throw cause
    const decided = { step: stepOf(at), task, attempt: 1, place: describePosition(at) }
    const value = { text: crashText(name, cause) }
    await this.#complete(at, { tag: "Crashed", value, decided }, beginning)
  }

  /** Whether a node has its outcome before it begins; what follows from that is done, where it may have been done only in part. */
  async isOver(at: Position, { again }: Beginning): Promise<boolean> {
    const verdict = await this.#engine.records.outcome(at.frame.run.address, placeOf(at))
    if (verdict === undefined) return false
    if (again) await this.#completed(at, { verdict, ours: false }, true)
    return true
  }

  /** What arrives at a node, as an outcome. */
  arrived(at: Position, input: Value, beginning: Beginning): Verdict {
    return this.#ended(at, this.#passing(at, input, beginning))
  }

  /** With the mark of a contract that it crossed. */
  #passing(at: Position, value: Value, beginning: Beginning): Ending {
    const { contract = at.frame.contract, crossed } = beginning
    const { since, worker } = this.#engine
    const other = crossed === true ? { task: "", fingerprint: "", worker, since } : undefined
    const crossing = contract ?? other
    return { tag: "Succeeded", value, ...(crossing === undefined ? {} : { contract: crossing }) }
  }

  async #complete(at: Position, ending: Ending, beginning: Beginning): Promise<void> {
    const committed = await commitAt(this.#engine, at, this.#ended(at, ending))
    await this.#completed(at, committed, beginning.again)
  }

  #ended(at: Position, ending: Ending): Verdict {
    const { broker, worker } = this.#engine
    const now = broker.now()
    return { ...ending, step: stepOf(at), attempt: 1, worker, began: now, ended: now }
  }
}
