/**
 * Carries a committed outcome onwards: to the next step, into the join of its scope, up frame by frame, to the end of
 * the run. Every part may be done twice, so a redelivery does all of it again.
 */
import type { Next } from "../../plan/rule.ts"
import { ruleOf } from "../../plan/table.ts"
import { endRun } from "../run/end.ts"
import { Beginner } from "./beginner.ts"
import { Closer } from "./closer.ts"
import { commitAt } from "./committer.ts"
import type { Engine } from "../context.ts"
import { onwards } from "./next-call.ts"
import { moved, stepOf, type Frame, type Position } from "./position.ts"
import { Gathering, type Member } from "./gathering.ts"
import { joined, type Joining } from "./joined-value.ts"
import { needsOf } from "../room/needs.ts"
import { takenFrom } from "./branches.ts"
import { settled } from "./settled-value.ts"
import { behind, type Beginning } from "../sender.ts"
import type { Value } from "../value.ts"
import { type End, endOfFirst, type Telling, toldTo } from "./told.ts"
import { endedAs, errorTag, type Verdict } from "../verdict.ts"

type Look = Extract<Next, { readonly do: "look" }>
type Decides = Extract<Next, { readonly do: "decide" }>

export class Advancer {
  readonly #engine: Engine
  readonly #beginner: Beginner
  readonly #closer: Closer
  readonly #gathering: Gathering

  constructor(engine: Engine) {
    this.#engine = engine
    this.#closer = new Closer(engine)
    this.#gathering = new Gathering(engine)
    this.#beginner = new Beginner(engine, (at, committed, again) =>
      this.advance(at, committed.verdict, again || !committed.ours)
    )
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

  /** Continues behind a node whose outcome is committed. */
  advance(at: Position, verdict: Verdict, again: boolean): Promise<void> | undefined {
    const { role, parent } = at.frame.plan[at.node]!
    if (role.outcome === "frame") return this.#leaveFrame(at, { verdict, again })
    const { node } = at.frame.plan[parent]!
    return this.#follow(at, ruleOf(node).ended(node, role.position, verdict.tag), {
      verdict,
      again
    })
  }

  /** Does what follows the end of a node in what is around it. */
  #follow(from: Position, next: Next, end: End): Promise<void> | undefined {
    const { role, parent } = from.frame.plan[from.node]!
    const { children } = from.frame.plan[parent]!
    const around = moved(from, parent)
    switch (next.do) {
      case "pass":
        return this.advance(around, end.verdict, end.again)
      case "begin": {
        const at = moved(from, children[next.child]!)
        if (next.given !== "value") return this.#tell({ around, at, given: next.given }, end)
        const input = onwards(this.#engine.records, from, end.verdict)
        return this.begin(at, input, behind(end.verdict, end.again))
      }
      case "decide":
        return this.#decide(from, next, end)
      case "join":
        return this.#join(around, next, { position: role.position, of: children.length }, end)
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
    if ("tag" in told) return this.#end(telling.around, told, end.again)
    return this.begin(telling.at, told.input, told.beginning)
  }

  /** Ends what is around a node, in one of the ways in which its rule can say that it does. */
  async #decide(from: Position, { as, closes }: Decides, { verdict, again }: End): Promise<void> {
    const { records } = this.#engine
    const at = moved(from, from.frame.plan[from.node]!.parent)
    if (as === "ended") return this.#end(at, await takenFrom(records, from, verdict), again, closes)
    const told = as === "settled" ? settled(records, at, verdict) : endOfFirst(records, at)
    return this.#end(at, await told, again)
  }

  /**
   * Commits the outcome of a node and goes on from there. The first that is committed decides; where it `closes`, what is
   * under way inside is stopped.
   */
  async #end(at: Position, verdict: Verdict, again: boolean, closes = false): Promise<void> {
    const offered = { ...verdict, step: stepOf(at), ended: this.#engine.broker.now() }
    const { verdict: stored, ours } = await commitAt(this.#engine, at, offered)
    // Members that have all succeeded leave nothing to be stopped.
    if (closes && (stored.tag !== "Succeeded" || verdict.tag === "Succeeded")) {
      const task = verdict.decided?.task ?? verdict.step
      await this.#closer.close(at, `its scope ended when ${task} ${endedAs[verdict.tag]}`)
    }
    return this.advance(at, stored, again || !ours)
  }

  /** A member has succeeded; whoever finds that all have joins them. */
  #join(at: Position, joins: Joining, member: Member, { verdict, again }: End): Promise<void> {
    return this.#gathering.ended(at, member, verdict, async (verdicts) => {
      if (verdicts.includes(undefined)) return false
      const members = verdicts as ReadonlyArray<Verdict>
      const failed = members.find(({ tag }) => tag !== "Succeeded")
      if (failed !== undefined) await this.#end(at, failed, again, true)
      else await this.#end(at, joined(this.#engine, at, joins, members), again)
      return true
    })
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
    const { node } = map.frame.plan[map.node]!
    const joins = ruleOf(node).ended(node, index, verdict.tag)
    if (joins.do !== "join") return this.#end(map, verdict, again, true)
    const next = index + (concurrency ?? count)
    if (next < count) {
      const items = await this.#beginner.items(frame)
      const { at, input } = this.#beginner.item(frame, next, items)
      await this.begin(at, input, {
        parent: verdict.step,
        again,
        member: true,
        ...(frame.crossed === undefined ? {} : { crossed: true })
      })
    }
    return this.#join(map, joins, { position: index, of: count }, end)
  }
}
