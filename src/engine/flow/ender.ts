/**
 * Ends what is around a node: commits its outcome once one inside has decided it, or once every member has succeeded, and
 * stops what is still under way there.
 */
import type { Next } from "../../plan/rule.ts"
import { Closer } from "./closer.ts"
import { commitAt } from "./committer.ts"
import type { Context } from "../context.ts"
import type { Completed } from "./at-once.ts"
import { takenFrom } from "./branches.ts"
import { Gathering } from "./gathering.ts"
import { joined, type Joining } from "./joined-value.ts"
import type { Member } from "./members.ts"
import { moved, stepOf, type Position } from "./position.ts"
import { settled } from "./settled-value.ts"
import { type End, endOfFirst } from "./told.ts"
import { endedAs, type Verdict } from "../verdict.ts"

type Decides = Extract<Next, { readonly do: "decide" }>

export class Ender {
  readonly #engine: Context
  readonly #completed: Completed
  readonly #closer: Closer
  readonly #gathering: Gathering

  constructor(engine: Context, completed: Completed) {
    this.#engine = engine
    this.#completed = completed
    this.#closer = new Closer(engine)
    this.#gathering = new Gathering(engine)
  }

  /** In one of the ways in which the rule of what is around a node can say that it ends. */
  async decided(from: Position, { as, closes }: Decides, end: End): Promise<void> {
    const { verdict, again } = end
    const { records } = this.#engine
    const at = moved(from, from.frame.plan[from.node]!.parent)
    if (as === "ended") return this.end(at, await takenFrom(records, from, verdict), again, closes)
    const told = as === "settled" ? settled(records, at, verdict) : endOfFirst(records, at)
    return this.end(at, await told, again)
  }

  /** A member has succeeded, or is one of those that are all waited for; whoever finds that all have ended joins them. */
  joins(at: Position, joins: Joining, member: Member, { verdict, again }: End): Promise<void> {
    return this.#gathering.ended(at, member, verdict, async (verdicts) => {
      if (verdicts.includes(undefined)) return false
      const members = verdicts as ReadonlyArray<Verdict>
      const failed = members.find(({ tag }) => tag !== "Succeeded")
      if (failed !== undefined) await this.end(at, failed, again, joins.waits !== true)
      else await this.end(at, joined(this.#engine, at, joins, members), again)
      return true
    })
  }

  /**
   * Commits the outcome of a node and goes on from there. The first that is committed decides; where it `closes`, what is
   * under way inside is stopped.
   */
  async end(at: Position, verdict: Verdict, again: boolean, closes = false): Promise<void> {
    const offered = { ...verdict, step: stepOf(at), ended: this.#engine.broker.now() }
    const committed = await commitAt(this.#engine, at, offered)
    // Members that have all succeeded leave nothing to be stopped.
    if (closes && (committed.verdict.tag !== "Succeeded" || verdict.tag === "Succeeded")) {
      const task = verdict.decided?.task ?? verdict.step
      await this.#closer.close(at, `its scope ended when ${task} ${endedAs[verdict.tag]}`)
    }
    return this.#completed(at, committed, again)
  }
}
