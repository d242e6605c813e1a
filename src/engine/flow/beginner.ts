/** Begins nodes: publishes calls, opens groups, expands maps, down to the calls that can run now. */
import { bounds } from "../../define/json.ts"
import type { CallNode } from "../../define/plan.ts"
import { jsonText, rereadJson } from "../../define/json-text.ts"
import { runIdOf } from "../../encode/subjects.ts"
import type { Begin } from "../../plan/rule.ts"
import { ruleOf } from "../../plan/table.ts"
import { isFinal } from "../../broker/errors.ts"
import { isScope } from "./closer.ts"
import { commitAt } from "./committer.ts"
import type { Engine } from "../context.ts"
import { describePosition, inputPlaceOf, placeOf, rootFrame, stepOf } from "./position.ts"
import type { Frame, Position } from "./position.ts"
import { Remembered } from "../bounded-cache.ts"
import { carriedPlan, sendCall, type Beginning } from "../sender.ts"
import { nothing, type Value } from "../value.ts"
import { crashText, type Committed, type Verdict } from "../verdict.ts"

/** What to do when a node is complete at once, as an empty group is, and what passes its input on. */
export type Completed = (
  at: Position,
  committed: Committed,
  again: boolean
) => Promise<void> | undefined

type Each = Extract<Begin, { readonly do: "each" }>

/** How a node ends that ends as it begins. */
type Ending = Pick<Verdict, "tag" | "value" | "decided" | "contract">

/** How many lists of maps with a bounded concurrency are kept at hand, and how many characters together. */
const mostLists = 200
const listRoom = 16_000_000

/** Inputs above this size, in bytes, are shared between members by reference. */
const sharedByReference = 8 * 1024

const noMore = (): void => {}

class NotAList extends Error {
  constructor(text: string) {
    super(
      `a map runs its body over a list of at most ${bounds.nodes} items, but what arrived is ${text.slice(0, 80)}: the step before returned something else than its type says, or client and worker have different versions of its contract`
    )
  }
}

export class Beginner {
  readonly #engine: Engine
  readonly #completed: Completed
  readonly #lists = new Remembered<Promise<ReadonlyArray<unknown>>>(mostLists, listRoom)

  constructor(engine: Engine, completed: Completed) {
    this.#engine = engine
    this.#completed = completed
  }

  /** Begins the node at a position with what arrives there. */
  begin(at: Position, input: Value, beginning: Beginning): Promise<void> {
    const { node } = at.frame.plan[at.node]!
    // A scope that is over is not entered again: its members would be refused, and nobody would carry its outcome on.
    if (!beginning.again || !isScope(node)) return this.#begin(at, input, beginning)
    return this.#isOver(at).then((over) => (over ? undefined : this.#begin(at, input, beginning)))
  }

  /** As many calls begin here as a group has members: no promise that is not needed. */
  #begin(at: Position, input: Value, beginning: Beginning): Promise<void> {
    const { node, children } = at.frame.plan[at.node]!
    const begins = ruleOf(node).begin(node)
    switch (begins.do) {
      case "call": {
        const send = (): Promise<void> => this.#send(at, node as CallNode, input, beginning)
        const stored = this.#portable(at.frame)
        return stored === undefined ? send() : stored.then(send)
      }
      case "first": {
        const first = { ...at, node: children[0]! }
        if (begins.keeps === true) return this.#keeping(at, first, input, beginning)
        return this.begin(first, begins.given === "nothing" ? nothing : input, beginning)
      }
      case "all":
        return this.#members(at, children, input, beginning)
      case "each":
        return this.#map(at, begins, input, beginning).catch((cause: unknown) =>
          this.#crash(at, beginning, "map", cause)
        )
      case "end":
        return this.#complete(
          at,
          begins.value === undefined
            ? this.#arrived(at, input, beginning)
            : { tag: "Succeeded", value: { text: begins.value } },
          beginning
        )
    }
  }

  /** Stores what arrives at a node before anything of it begins: nobody who may be given it has it later. */
  async #keeping(at: Position, first: Position, input: Value, beginning: Beginning): Promise<void> {
    const verdict = this.#ended(at, this.#arrived(at, input, beginning))
    await this.#engine.records.commit(at.frame.run, inputPlaceOf(at), verdict)
    return this.begin(first, input, beginning)
  }

  #send(at: Position, node: CallNode, input: Value, beginning: Beginning): Promise<void> {
    const crash = (cause: unknown): Promise<void> => this.#crash(at, beginning, node.task, cause)
    try {
      return sendCall(this.#engine.records, at, node, input, beginning).then(noMore, crash)
    } catch (cause) {
      return crash(cause)
    }
  }

  async #members(
    at: Position,
    members: ReadonlyArray<number>,
    input: Value,
    beginning: Beginning
  ): Promise<void> {
    await this.#portable(at.frame)
    const shared = await this.#shared(at, input, members.length)
    const inside = { ...beginning, member: true }
    await Promise.all(members.map((member) => this.begin({ ...at, node: member }, shared, inside)))
  }

  /** Where one item of a map begins, and with what. */
  item(
    frame: Frame,
    index: number,
    items: ReadonlyArray<unknown>
  ): { readonly at: Position; readonly input: Value } {
    return { at: { frame, index, node: 0 }, input: { text: jsonText(items[index]) } }
  }

  /** The list of a map, from its frame. */
  items(frame: Frame): Promise<ReadonlyArray<unknown>> {
    const { address } = frame.run
    const key = `${runIdOf(address)}.${frame.id}`
    const known = this.#lists.get(key)
    if (known !== undefined) return known
    const text = this.#engine.records.resolve(address, frame.map!.items)
    const list = text.then((text) => rereadJson(text) as ReadonlyArray<unknown>)
    this.#lists.set(key, list, 0)
    text.then(({ length }) => this.#lists.set(key, list, length)).catch(() => {})
    list.catch(() => this.#lists.forget(key))
    return list
  }

  async #map(
    at: Position,
    { body, concurrency }: Each,
    input: Value,
    beginning: Beginning
  ): Promise<void> {
    const text = await this.#engine.records.resolve(at.frame.run.address, input)
    const items = rereadJson(text)
    if (!Array.isArray(items) || items.length > bounds.nodes) throw new NotAList(text)
    if (items.length === 0) {
      return this.#complete(at, { tag: "Succeeded", value: { text: "[]" } }, beginning)
    }
    const frame = await this.#engine.frames.expandMap(
      at,
      body,
      {
        count: items.length,
        items: "reference" in input ? input : { text },
        ...(concurrency === undefined ? {} : { concurrency })
      },
      beginning.crossed
    )
    const nested = frame.plan.some(({ node: inside }) => isScope(inside))
    // Scopes inside know nothing of one around them that closed before this frame was there to be closed.
    const verdict = nested
      ? await this.#engine.records.outcome(frame.run.address, frame.place)
      : undefined
    if (verdict !== undefined) {
      // Or items that end as they begin ended it under an earlier delivery, which died before what follows.
      if (beginning.again) await this.#completed(at, { verdict, ours: false }, true)
      return
    }
    const lanes = Math.min(concurrency ?? items.length, items.length)
    const inside = { ...beginning, member: true }
    await Promise.all(
      Array.from({ length: lanes }, (_, index) => {
        const { at, input } = this.item(frame, index, items)
        return this.begin(at, input, inside)
      })
    )
  }

  /** What arrives, as an outcome, with the mark of a contract that it crossed. */
  #arrived(at: Position, value: Value, beginning: Beginning): Ending {
    const { contract = at.frame.contract, crossed } = beginning
    const { since, worker } = this.#engine
    const other = crossed === true ? { task: "", fingerprint: "", worker, since } : undefined
    const crossing = contract ?? other
    return { tag: "Succeeded", value, ...(crossing === undefined ? {} : { contract: crossing }) }
  }

  /** A node that can never begin, as with an input beyond every bound, has crashed. */
  async #crash(at: Position, beginning: Beginning, task: string, cause: unknown): Promise<void> {
    const name = cause instanceof NotAList ? "InvalidInput" : "InputUnavailable"
    if (!(cause instanceof NotAList) && !isFinal(cause)) throw cause
    const decided = { step: stepOf(at), task, attempt: 1, place: describePosition(at) }
    const value = { text: crashText(name, cause) }
    await this.#complete(at, { tag: "Crashed", value, decided }, beginning)
  }

  /** Whether a node has its outcome; then what follows from it is done. */
  async #isOver(at: Position): Promise<boolean> {
    const verdict = await this.#engine.records.outcome(at.frame.run.address, placeOf(at))
    if (verdict === undefined) return false
    await this.#completed(at, { verdict, ours: false }, true)
    return true
  }

  /** Commits the outcome of a node that ends as it begins. */
  async #complete(at: Position, ending: Ending, beginning: Beginning): Promise<void> {
    const committed = await commitAt(this.#engine, at, this.#ended(at, ending))
    await this.#completed(at, committed, beginning.again)
  }

  #ended(at: Position, ending: Ending): Verdict {
    const { broker, worker } = this.#engine
    const now = broker.now()
    return { ...ending, step: stepOf(at), attempt: 1, worker, began: now, ended: now }
  }

  /** A plan that is too large to travel is stored before anything of it is sent. */
  #portable(frame: Frame): Promise<void> | undefined {
    const travels =
      frame.stored || (frame.id === rootFrame && Buffer.byteLength(frame.planText) <= carriedPlan)
    return travels ? undefined : this.#engine.frames.store(frame)
  }

  async #shared(at: Position, input: Value, members: number): Promise<Value> {
    if (members < 2 || "reference" in input || input.text.length <= sharedByReference) return input
    return this.#engine.records.keepText(at.frame.run, input.text)
  }
}
