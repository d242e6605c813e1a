/**
 * Carries a committed outcome onwards: to the next step, into the join of its scope, up frame by frame, to the end of
 * the run. Every part may be done twice, so a redelivery does all of it again.
 */
import { isKeyed } from "../encode/subjects.ts"
import type { Given, Next } from "../plan/rule.ts"
import { ruleOf } from "../plan/table.ts"
import { afterEnd } from "./run/aftermath.ts"
import { Beginner } from "./beginner.ts"
import { Closer } from "./closer.ts"
import { commitAt } from "./committer.ts"
import type { Engine } from "./context.ts"
import { dropDeadline } from "./run/deadline.ts"
import { onwards } from "./following.ts"
import { moved, rootFrame, stepOf, type Frame, type Position } from "./frame.ts"
import { Gathering } from "./gathering.ts"
import { joinedValue, type Joining } from "./joined.ts"
import { needsOf } from "./needs.ts"
import { takenFrom } from "./branches.ts"
import { settled } from "./settled.ts"
import { behind, type Beginning } from "./sender.ts"
import type { Value } from "./value.ts"
import { endOfFirst, toldTo } from "./told.ts"
import { endedAs, errorTag, type Committed, type Verdict } from "./verdict.ts"

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
    if (role.outcome === "frame") return this.#leaveFrame(at, verdict, again)
    const { node } = at.frame.plan[parent]!
    return this.#follow(at, ruleOf(node).ended(node, role.position, verdict.tag), verdict, again)
  }

  /** Does what follows the end of a node in what is around it. */
  #follow(
    from: Position,
    next: Next,
    verdict: Verdict,
    again: boolean,
    text?: string
  ): Promise<void> | undefined {
    const { role, parent } = from.frame.plan[from.node]!
    const around = moved(from, parent)
    switch (next.do) {
      case "pass":
        return this.advance(around, verdict, again)
      case "begin": {
        const at = moved(from, from.frame.plan[parent]!.children[next.child]!)
        if (next.given === "value") {
          const input = onwards(this.#engine.records, from, verdict)
          return this.begin(at, input, behind(verdict, again))
        }
        return this.#tell(around, at, next.given, verdict, again, text)
      }
      case "decide":
        return this.#end(from, next, verdict, again)
      case "join": {
        const { length } = from.frame.plan[parent]!.children
        const member = { position: role.position, of: length }
        return this.#gathering.ended(around, member, verdict, (all) =>
          this.#join(around, next, all, again)
        )
      }
      case "look":
        return this.#look(from, next, verdict, again)
    }
  }

  async #look(
    from: Position,
    next: Extract<Next, { readonly do: "look" }>,
    verdict: Verdict,
    again: boolean
  ): Promise<void> {
    const text = await this.#engine.records.resolve(from.frame.run.address, verdict.value)
    return this.#follow(from, next.then(errorTag(verdict, text)), verdict, again, text)
  }

  async #tell(
    around: Position,
    at: Position,
    given: Exclude<Given, "value">,
    verdict: Verdict,
    again: boolean,
    text: string | undefined
  ): Promise<void> {
    const told = await toldTo(this.#engine.records, around, at, given, verdict, again, text)
    if ("tag" in told) return this.#decide(around, told, again)
    return this.begin(at, told.input, told.beginning)
  }

  /** Ends what is around a node, in one of the ways in which its rule can say that it does. */
  async #end(
    from: Position,
    { as, closes }: Extract<Next, { readonly do: "decide" }>,
    verdict: Verdict,
    again: boolean
  ): Promise<void> {
    const { records } = this.#engine
    const at = moved(from, from.frame.plan[from.node]!.parent)
    if (as === "ended") {
      const taken = await takenFrom(records, from, verdict)
      return closes === true ? this.#endAll(at, taken, again) : this.#decide(at, taken, again)
    }
    const told = as === "settled" ? settled(records, at, verdict) : endOfFirst(records, at)
    return this.#decide(at, await told, again)
  }

  /** Commits a verdict as the outcome of an enclosing node and goes on from there. */
  async #decide(at: Position, verdict: Verdict, again: boolean): Promise<void> {
    const committed = await this.#commit(at, verdict)
    return this.advance(at, committed.verdict, again || !committed.ours)
  }

  #commit(at: Position, verdict: Verdict): Promise<Committed> {
    const offered = { ...verdict, step: stepOf(at), ended: this.#engine.broker.now() }
    return commitAt(this.#engine, at, offered)
  }

  #leaveFrame(at: Position, verdict: Verdict, again: boolean): Promise<void> | undefined {
    const { frame, index } = at
    if (frame.map !== undefined && index !== undefined) {
      return this.#leaveItem(frame, frame.map, index, verdict, again)
    }
    return frame.up === undefined
      ? this.#endRun(at, verdict, again)
      : this.#leaveExpansion(frame, frame.up, verdict, again)
  }

  async #leaveItem(
    frame: Frame,
    { count, concurrency }: NonNullable<Frame["map"]>,
    index: number,
    verdict: Verdict,
    again: boolean
  ): Promise<void> {
    const map = await this.#engine.frames.above(frame.run, frame.up!)
    const { node } = map.frame.plan[map.node]!
    const joins = ruleOf(node).ended(node, index, verdict.tag)
    if (joins.do !== "join") return this.#endAll(map, verdict, again)
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
    return this.#gathering.ended(map, { position: index, of: count }, verdict, (all) =>
      this.#join(map, joins, all, again)
    )
  }

  async #leaveExpansion(
    frame: Frame,
    up: NonNullable<Frame["up"]>,
    verdict: Verdict,
    again: boolean
  ): Promise<void> {
    return this.advance(await this.#engine.frames.above(frame.run, up), verdict, again)
  }

  #endRun({ frame }: Position, verdict: Verdict, again: boolean): Promise<void> | undefined {
    const composite =
      frame.id !== rootFrame || frame.plan.length > 1 || frame.plan[0]!.node.kind !== "call"
    const alone = !composite && !again && verdict.attempt === 1 && !isKeyed(frame.run.address)
    if (!alone || !("text" in verdict.value)) return afterEnd(this.#engine, frame.run, verdict)
    if (frame.run.deadline === undefined) return undefined
    return dropDeadline(this.#engine, frame.run).then(() => undefined)
  }

  /** The first that is committed decides the scope, and what is under way inside is stopped; a later one changes nothing. */
  async #endAll(at: Position, verdict: Verdict, again: boolean): Promise<void> {
    const committed = await this.#commit(at, verdict)
    // Members that have all succeeded leave nothing to be stopped.
    if (committed.verdict.tag !== "Succeeded" || verdict.tag === "Succeeded") {
      const task = verdict.decided?.task ?? verdict.step
      await this.#closer.close(at, `its scope ended when ${task} ${endedAs[verdict.tag]}`)
    }
    return this.advance(at, committed.verdict, again || !committed.ours)
  }

  /** Joins a scope of which every member has ended; `false` when one has not. Resolves when all that follows is stored. */
  async #join(
    at: Position,
    joins: Joining,
    verdicts: ReadonlyArray<Verdict | undefined>,
    again: boolean
  ): Promise<boolean> {
    if (verdicts.includes(undefined)) return false
    const members = verdicts as ReadonlyArray<Verdict>
    const failed = members.find(({ tag }) => tag !== "Succeeded")
    if (failed === undefined) await this.#decide(at, this.#joined(at, joins, members), again)
    else await this.#endAll(at, failed, again)
    return true
  }

  #joined(at: Position, joins: Joining, members: ReadonlyArray<Verdict>): Verdict {
    const { broker, worker } = this.#engine
    const now = broker.now()
    const contract = members.find(({ contract }) => contract !== undefined)?.contract
    const crossing = contract ?? at.frame.contract
    return {
      tag: "Succeeded",
      ...joinedValue(at, joins, members),
      step: stepOf(at),
      attempt: 1,
      worker,
      began: members.reduce((first, { began }) => Math.min(first, began), now),
      ended: now,
      ...(crossing === undefined ? {} : { contract: crossing })
    }
  }
}
