/**
 * Carries a committed outcome onwards: to the next step, into the join of its scope, up frame by frame, to the end of
 * the run. Every part may be done twice, so a redelivery does all of it again.
 */
import type { Next } from "../../plan/rule.ts"
import { endRun, Ender } from "./ender.ts"
import { AtOnce, type Completed } from "./at-once.ts"
import { Beginner } from "./beginner.ts"
import type { Context } from "../context.ts"
import { itemAt, Items } from "./items.ts"
import { onwards } from "../call/inline-next.ts"
import { type Frame, type Position } from "./position.ts"
import { needsOf } from "../room/needs.ts"
import { behind, type Beginning } from "../sender.ts"
import type { Value } from "../value.ts"
import { type End, type Telling, toldTo } from "./told.ts"
import { errorTag, type Verdict } from "../verdict.ts"

type Look = Extract<Next, { readonly do: "look" }>

export class Advancer {
  readonly #engine: Context
  readonly #atOnce: AtOnce
  readonly #beginner: Beginner
  readonly #ender: Ender
  readonly #items: Items

  constructor(engine: Context) {
    this.#engine = engine
    const completed: Completed = (at, committed, again) =>
      this.advance(at, committed.verdict, again || !committed.ours)
    this.#atOnce = new AtOnce(engine, completed)
    this.#beginner = new Beginner(engine, this.#atOnce)
    this.#ender = new Ender(engine, completed)
    this.#items = new Items(engine.records)
  }

  /** Begins a node, a group or a map when there is room for it; `start` is what belongs to that where its run begins with it. */
  begin(
    at: Position,
    input: Value,
    beginning: Beginning,
    start?: () => Promise<void>
  ): Promise<void> {
    const bytes = needsOf(at, input)
    const begin = (): Promise<void> => this.#beginner.begin(at, input, beginning)
    if (start === undefined && bytes === 0) return begin()
    return this.#engine.growth.during({ bytes, starts: start !== undefined }, async () => {
      await Promise.all([start?.(), begin()])
    })
  }

  /** Ends a sleep, with what arrived at it. */
  wake(at: Position, input: Value, beginning: Beginning): Promise<void> {
    return this.#atOnce.awoken(at, input, beginning)
  }

  /** Continues behind a node whose outcome is committed. */
  advance(at: Position, verdict: Verdict, again: boolean): Promise<void> | undefined {
    const { role, parent } = at.frame.plan[at.node]!
    if (role.outcome === "frame") return this.#leaveFrame(at, { verdict, again })
    const { node, rule } = at.frame.plan[parent]!
    return this.#follow(at, rule.ended(node, role.position, verdict.tag), {
      verdict,
      again
    })
  }

  /** Does what follows the end of a node in what is around it. */
  #follow(from: Position, next: Next, end: End): Promise<void> | undefined {
    const { role, parent } = from.frame.plan[from.node]!
    const { children } = from.frame.plan[parent]!
    const around = { ...from, node: parent }
    switch (next.do) {
      case "pass":
        return this.advance(around, end.verdict, end.again)
      case "begin": {
        const at = { ...from, node: children[next.child]! }
        if (next.given !== "value") return this.#tell({ around, at, given: next.given }, end)
        const input = onwards(this.#engine.records, from, end.verdict)
        return this.begin(at, input, behind(end.verdict, end.again))
      }
      case "decide":
        return this.#ender.decided(from, next, end)
      case "join":
        return this.#ender.joins(
          around,
          next,
          { position: role.position, of: children.length },
          end
        )
      case "look":
        return this.#look(from, next, end)
    }
  }

  async #look(from: Position, next: Look, { verdict, again }: End): Promise<void> {
    const text = await this.#engine.records.resolve(from.frame.run.address, verdict.value)
    return this.#follow(from, next.then(errorTag(verdict, text)), { verdict, again, text })
  }

  async #tell(telling: Telling, end: End): Promise<void> {
    const told = await toldTo(this.#engine.records, telling, end)
    if ("tag" in told) return this.#ender.end(telling.around, told, end.again)
    return this.begin(telling.at, told.input, told.beginning)
  }

  #leaveFrame(at: Position, end: End): Promise<void> | undefined {
    const { frame, index } = at
    if (frame.map !== undefined && index !== undefined) return this.#leaveItem(frame, index, end)
    if (frame.up === undefined) return endRun(this.#engine, frame, end)
    return Promise.resolve(this.#engine.frames.above(frame.run, frame.up)).then((above) =>
      this.advance(above, end.verdict, end.again)
    )
  }

  async #leaveItem(frame: Frame, index: number, end: End): Promise<void> {
    const { verdict, again } = end
    const { count, concurrency } = frame.map!
    const map = await this.#engine.frames.above(frame.run, frame.up!)
    const { node, rule } = map.frame.plan[map.node]!
    const joins = rule.ended(node, index, verdict.tag)
    if (joins.do !== "join") return this.#ender.end(map, verdict, again, true)
    const next = index + (concurrency ?? count)
    if (next < count) {
      const items = await this.#items.of(frame)
      const { at, input } = itemAt(frame, next, items)
      await this.begin(at, input, {
        parent: verdict.step,
        again,
        from: verdict.ended,
        member: true,
        ...(frame.crossed === undefined ? {} : { crossed: true })
      })
    }
    return this.#ender.joins(map, joins, { position: index, of: count }, end)
  }
}
