/**
 * Carries a committed outcome onwards: to the next step, into the join of its scope, up frame by frame, to the end of
 * the run. Every part may be done twice, so a redelivery does all of it again.
 */
import { isKeyed, runIdOf } from "../encode/subjects.ts"
import { afterEnd } from "./run/aftermath.ts"
import { Beginner } from "./beginner.ts"
import { cleanedUp, cleanupFor } from "./cleaned.ts"
import { Closer } from "./closer.ts"
import { commitAt } from "./committer.ts"
import type { Engine } from "./context.ts"
import { dropDeadline } from "./run/deadline.ts"
import { onwards } from "./following.ts"
import { moved, passesOn, rootFrame, stepOf, type Frame, type Position } from "./frame.ts"
import { joinedValue } from "./joined.ts"
import { needsOf } from "./needs.ts"
import { Members } from "./members.ts"
import { Once } from "./once.ts"
import { fallbackFor } from "./recovered.ts"
import { settled } from "./settled.ts"
import { behind, type Beginning } from "./sender.ts"
import type { Value } from "./value.ts"
import { endedAs, type Committed, type Verdict } from "./verdict.ts"

export class Advancer {
  readonly #engine: Engine
  readonly #beginner: Beginner
  readonly #closer: Closer
  /** Scopes joined by this process: members that end together, or later, need not read all the others again. */
  readonly #joins = new Once()
  readonly #members = new Members()

  constructor(engine: Engine) {
    this.#engine = engine
    this.#closer = new Closer(engine)
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
    const above = moved(at, parent)
    switch (role.as) {
      case "root":
        return this.#leaveFrame(at, verdict, again)
      case "step":
        if (verdict.tag === "Succeeded" && !role.last) {
          const next = at.frame.plan[parent]!.children[role.position + 1]!
          return this.begin(
            moved(at, next),
            onwards(this.#engine.records, at, verdict),
            behind(verdict, again)
          )
        }
        return role.last ? this.advance(above, verdict, again) : this.#decide(above, verdict, again)
      case "member":
        return verdict.tag === "Succeeded"
          ? this.#leaveMember(
              above,
              role.position,
              at.frame.plan[parent]!.children.length,
              verdict,
              again
            )
          : this.#fail(above, verdict, again)
      case "fallback":
        return this.advance(above, verdict, again)
      case "cleanup":
        return this.#leaveCleanup(above, verdict, again)
      case "inner":
        return this.#leaveInner(above, verdict, again)
    }
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

  async #leaveInner(at: Position, verdict: Verdict, again: boolean): Promise<void> {
    const { node } = at.frame.plan[at.node]!
    if (passesOn(node.kind)) return this.advance(at, verdict, again)
    if (node.kind === "settle")
      return this.#decide(at, await settled(this.#engine.records, at, verdict), again)
    const find = node.kind === "cleanup" ? cleanupFor : fallbackFor
    const next = await find(this.#engine.records, at, verdict, again)
    if (next === undefined) return this.#decide(at, verdict, again)
    if ("tag" in next) return this.#decide(at, next, again)
    return this.begin(next.at, next.input, next.beginning)
  }

  async #leaveCleanup(at: Position, verdict: Verdict, again: boolean): Promise<void> {
    return this.#decide(at, await cleanedUp(this.#engine.records, at, verdict), again)
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
    if (verdict.tag !== "Succeeded") return this.#fail(map, verdict, again)
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
    return this.#leaveMember(map, index, count, verdict, again)
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

  /** The first failure committed decides the scope; a later one finds the scope decided and changes nothing. */
  async #fail(at: Position, verdict: Verdict, again: boolean): Promise<void> {
    const committed = await this.#commit(at, verdict)
    if (committed.verdict.tag !== "Succeeded") {
      const task = verdict.decided?.task ?? verdict.step
      await this.#closer.close(at, `its scope ended when ${task} ${endedAs[verdict.tag]}`)
    }
    return this.advance(at, committed.verdict, again || !committed.ours)
  }

  /** A member of a scope has succeeded, the one at this position. */
  #leaveMember(
    at: Position,
    position: number,
    members: number,
    verdict: Verdict,
    again: boolean
  ): Promise<void> {
    const { address } = at.frame.run
    const scope = stepOf(at)
    const all = this.#members.seen(address, scope, position, verdict, members)
    if (all === undefined) return this.#join(at, members, again)
    this.#engine.joiner.complete(address, scope, members)
    return this.#joins.ensure(`${runIdOf(address)}.${scope}`, () => this.#joinAll(at, all, again))
  }

  #join(at: Position, members: number, again: boolean): Promise<void> {
    const { joiner, records } = this.#engine
    const { address } = at.frame.run
    const scope = stepOf(at)
    return joiner.count(address, scope).then((count) => {
      if (count < members) return undefined
      return this.#joins.ensure(`${runIdOf(address)}.${scope}`, async () =>
        this.#joinAll(at, await records.members(address, scope, members), again)
      )
    })
  }

  /** Joins a scope of which every member has ended; `false` when one has not. Resolves when all that follows is stored. */
  async #joinAll(
    at: Position,
    verdicts: ReadonlyArray<Verdict | undefined>,
    again: boolean
  ): Promise<boolean> {
    const scope = stepOf(at)
    if (verdicts.includes(undefined)) return false
    const whole = verdicts as ReadonlyArray<Verdict>
    const failed = whole.find(({ tag }) => tag !== "Succeeded")
    if (failed !== undefined) {
      await this.#fail(at, failed, again)
      return true
    }
    const now = this.#engine.broker.now()
    const contract = whole.find(({ contract }) => contract !== undefined)?.contract
    const crossing = contract ?? at.frame.contract
    await this.#decide(
      at,
      {
        tag: "Succeeded",
        ...joinedValue(at, whole),
        step: scope,
        attempt: 1,
        worker: this.#engine.worker,
        began: whole.reduce((first, { began }) => Math.min(first, began), now),
        ended: now,
        ...(crossing === undefined ? {} : { contract: crossing })
      },
      again
    )
    return true
  }
}
