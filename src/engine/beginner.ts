/** Begins nodes: publishes calls, opens groups, expands maps, down to the calls that can run now. */
import type { Engine } from "./context.ts"
import { placeOf, rootFrame, stepOf, type Frame, type Position } from "./frame.ts"
import { carriedPlan, sendCall, type Beginning } from "./sender.ts"
import { nothing, type Value } from "./value.ts"
import type { Committed } from "./verdict.ts"

/** What to do when a node turns out to be complete at once, as an empty group is. */
export type Completed = (at: Position, committed: Committed, again: boolean) => Promise<void>

/** Inputs above this size, in bytes, are shared between members by reference. */
const sharedByReference = 8 * 1024

export class Beginner {
  readonly #engine: Engine
  readonly #completed: Completed
  readonly #lists = new WeakMap<Frame, Promise<ReadonlyArray<unknown>>>()

  constructor(engine: Engine, completed: Completed) {
    this.#engine = engine
    this.#completed = completed
  }

  /** Begins the node at a position with what arrives there. */
  async begin(at: Position, input: Value, beginning: Beginning): Promise<void> {
    const { node, children } = at.frame.plan[at.node]!
    switch (node.kind) {
      case "call":
        await this.#portable(at.frame)
        await sendCall(this.#engine.records, at, node, input, beginning)
        return
      case "chain":
        return this.begin({ ...at, node: children[0]! }, input, beginning)
      case "ignore":
        return this.begin({ ...at, node: children[0]! }, nothing, beginning)
      case "settle":
      case "recover":
        return this.begin({ ...at, node: children[0]! }, input, beginning)
      case "group": {
        if (children.length === 0) {
          return this.#empty(at, node.keys === undefined ? "[]" : "{}", beginning)
        }
        await this.#portable(at.frame)
        const shared = await this.#shared(at, input, children.length)
        const inside = { ...beginning, parent: beginning.parent }
        await Promise.all(
          children.map((child) => this.begin({ ...at, node: child }, shared, inside))
        )
        return
      }
      case "map":
        return this.#map(at, input, beginning)
    }
  }

  /** Begins one item of a map. */
  async item(frame: Frame, index: number, items: ReadonlyArray<unknown>, beginning: Beginning) {
    const input = { text: JSON.stringify(items[index]) }
    await this.begin({ frame, index, node: 0 }, input, beginning)
  }

  /** The list of a map, from its frame. */
  items(frame: Frame): Promise<ReadonlyArray<unknown>> {
    const known = this.#lists.get(frame)
    if (known !== undefined) return known
    const list = this.#engine.records
      .resolve(frame.run.address, frame.map!.items)
      .then((text) => JSON.parse(text) as ReadonlyArray<unknown>)
    this.#lists.set(frame, list)
    list.catch(() => this.#lists.delete(frame))
    return list
  }

  async #map(at: Position, input: Value, beginning: Beginning): Promise<void> {
    const { node } = at.frame.plan[at.node]!
    if (node.kind !== "map") return
    const text = await this.#engine.records.resolve(at.frame.run.address, input)
    const items = JSON.parse(text) as ReadonlyArray<unknown>
    if (items.length === 0) return this.#empty(at, "[]", beginning)
    const frame = await this.#engine.frames.expandMap(at, node.body, {
      count: items.length,
      items: "reference" in input ? input : { text },
      ...(node.concurrency === undefined ? {} : { concurrency: node.concurrency })
    })
    const lanes = Math.min(node.concurrency ?? items.length, items.length)
    await Promise.all(
      Array.from({ length: lanes }, (_, index) => this.item(frame, index, items, beginning))
    )
  }

  async #empty(at: Position, text: string, beginning: Beginning): Promise<void> {
    const now = this.#engine.broker.now()
    const committed = await this.#engine.records.commit(at.frame.run, placeOf(at), {
      tag: "Succeeded",
      value: { text },
      step: stepOf(at),
      attempt: 1,
      worker: this.#engine.worker,
      began: now,
      ended: now
    })
    await this.#completed(at, committed, beginning.again)
  }

  /** A plan that is too large to travel is stored before anything of it is sent. */
  async #portable(frame: Frame): Promise<void> {
    if (frame.stored) return
    if (frame.id !== rootFrame || Buffer.byteLength(frame.planText) > carriedPlan) {
      await this.#engine.frames.store(frame)
    }
  }

  async #shared(at: Position, input: Value, members: number): Promise<Value> {
    if (members < 2 || "reference" in input || input.text.length <= sharedByReference) return input
    return this.#engine.records.keepText(at.frame.run, input.text)
  }
}
