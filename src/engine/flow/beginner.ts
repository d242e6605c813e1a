/** Begins nodes: publishes calls, opens groups, expands maps, down to the calls that can run now. */
import type { CallNode } from "../../define/plan.ts"
import type { Begin } from "../../plan/rule.ts"
import type { AtOnce } from "./at-once.ts"
import { isScope } from "./closer.ts"
import type { Context } from "../context.ts"
import { itemAt, listIn } from "./items.ts"
import { inputPlaceOf, rootFrame, type Frame, type Position } from "./position.ts"
import { fallAsleep, sleepsUntil } from "./sleeper.ts"
import { tooLateSince } from "../call/times.ts"
import { carriedPlan, type Beginning } from "../sender.ts"
import { sendCall } from "../send-call.ts"
import { nothing, type Value } from "../value.ts"

type Each = Extract<Begin, { readonly do: "each" }>

/** Inputs above this size, in bytes, are shared between members by reference. */
const sharedByReference = 8 * 1024

const noMore = (): void => {}

export class Beginner {
  readonly #engine: Context
  readonly #atOnce: AtOnce

  constructor(engine: Context, atOnce: AtOnce) {
    this.#engine = engine
    this.#atOnce = atOnce
  }

  /** Begins the node at a position with what arrives there. */
  begin(at: Position, input: Value, beginning: Beginning): Promise<void> {
    const { node } = at.frame.plan[at.node]!
    // A scope that is over is not entered again: its members would be refused, and nobody would carry its outcome on.
    if (!beginning.again || !isScope(node)) return this.#begin(at, input, beginning)
    return this.#atOnce
      .isOver(at, beginning)
      .then((over) => (over ? undefined : this.#begin(at, input, beginning)))
  }

  /** As many calls begin here as a group has members: no promise that is not needed. */
  #begin(at: Position, input: Value, beginning: Beginning): Promise<void> {
    const { node, rule, children } = at.frame.plan[at.node]!
    const begins = rule.begin(node)
    switch (begins.do) {
      case "call": {
        const call = node as CallNode
        const send = (): Promise<void> => this.#send(at, call, input, beginning)
        const late = tooLateSince(this.#engine.broker, at, call, beginning.from)
        if (late !== undefined) return this.#atOnce.expired(at, call.task, late, beginning)
        const stored = this.#portable(at.frame)
        return stored === undefined ? send() : stored.then(send)
      }
      case "first": {
        const first = { ...at, node: children[0]! }
        if (begins.keeps === true) return this.#keeping(at, first, input, beginning)
        if (begins.given !== "nothing") return this.begin(first, input, beginning)
        const { branches: _, ...rest } = beginning
        return this.begin(first, nothing, rest)
      }
      case "all":
        return this.#members(at, children, input, beginning)
      case "each":
        return this.#map(at, begins, input, beginning).catch((cause: unknown) =>
          this.#atOnce.crashed(at, beginning, "map", cause)
        )
      case "sleep": {
        const until = sleepsUntil(at, begins, beginning)
        if (until <= this.#engine.broker.now()) return this.#atOnce.awoken(at, input, beginning)
        return this.#sleep(at, until, input, beginning)
      }
      case "end":
        return begins.value === undefined
          ? this.#atOnce.passed(at, input, beginning)
          : this.#atOnce.succeeded(at, begins.value, beginning)
    }
  }

  /** Stores what arrives at a node before anything of it begins: nobody who may be given it has it later. */
  async #keeping(at: Position, first: Position, input: Value, beginning: Beginning): Promise<void> {
    const verdict = this.#atOnce.arrived(at, input, beginning)
    await this.#engine.records.commit(at.frame.run, inputPlaceOf(at), verdict)
    return this.begin(first, input, beginning)
  }

  #send(at: Position, node: CallNode, input: Value, beginning: Beginning): Promise<void> {
    const crash = (cause: unknown): Promise<void> =>
      this.#atOnce.crashed(at, beginning, node.task, cause)
    try {
      return sendCall(this.#engine.records, at, input, beginning).then(noMore, crash)
    } catch (cause) {
      return crash(cause)
    }
  }

  async #sleep(at: Position, until: number, input: Value, beginning: Beginning): Promise<void> {
    try {
      await this.#portable(at.frame)
      await fallAsleep(this.#engine.records, at, input, { ...beginning, until })
    } catch (cause) {
      await this.#atOnce.crashed(at, beginning, "sleep", cause)
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

  async #map(
    at: Position,
    { body, concurrency }: Each,
    input: Value,
    beginning: Beginning
  ): Promise<void> {
    const text = await this.#engine.records.resolve(at.frame.run.address, input)
    const items = listIn(text)
    if (items.length === 0) {
      return this.#atOnce.succeeded(at, "[]", beginning)
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
    // Scopes inside know nothing of one around them that closed before this frame was there to be closed. Or items that end
    // as they begin ended it under an earlier delivery, which died before what follows.
    if (nested && (await this.#atOnce.isOver(at, beginning))) return
    const lanes = Math.min(concurrency ?? items.length, items.length)
    const inside = { ...beginning, member: true }
    await Promise.all(
      Array.from({ length: lanes }, (_, index) => {
        const { at, input } = itemAt(frame, index, items)
        return this.begin(at, input, inside)
      })
    )
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
