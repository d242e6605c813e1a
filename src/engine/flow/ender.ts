/**
 * Ends nodes: commits the outcome of one, together with the start of every callback that hangs on it, so that both are
 * stored, or neither; ends what is around it once one inside has decided, or once every member has succeeded, and stops what
 * is still under way there; and does what the end of a run owes, which may be done twice and changes nothing then.
 */
import type { Next } from "../../plan/rule.ts"
import { Closer } from "./closer.ts"
import type { Context } from "../context.ts"
import type { Completed } from "./at-once.ts"
import { takenFrom, withBranches } from "../value.ts"
import { Gathering } from "./gathering.ts"
import { joined, type Joining } from "./joined-value.ts"
import type { Member } from "./members.ts"
import {
  moved,
  stepOf,
  type Position,
  placeOf,
  type RunFacts,
  rootFrame,
  runPlace,
  type Frame
} from "./position.ts"
import { settled } from "./settled-value.ts"
import { type End, endOfFirst } from "./told.ts"
import { endedAs, type Verdict, type Committed } from "../verdict.ts"
import type { Place } from "../../encode/value-ref.ts"
import { onceThere, type Soon } from "../../define/awaitable.ts"
import { standsFor } from "../../plan/numbering.ts"
import { isNewer } from "../../encode/codec.ts"
import { callbackOf } from "./callback.ts"
import { scheduleCollection, scheduleClearing, dropDeadline } from "../run/run-timers.ts"
import { isCall, type AnyNode } from "../../define/plan.ts"
import { isKeyed } from "../../encode/subjects.ts"
import { endTimers } from "../timers.ts"

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

/** Stores the outcome at the node's place, unless there is one. */
export const commitAt = (
  engine: Context,
  at: Position,
  given: Verdict,
  place: Place = placeOf(at)
): Promise<Committed> => {
  const { run, task, plan } = at.frame
  const { outcome } = plan[at.node]!.role
  const isOnlyItsOwn = outcome === "own" || outcome === "inside"
  if (isOnlyItsOwn && task === undefined) return engine.records.commit(run, place, given)
  const offered = withBranches(engine.records, at, given)
  const store = (offered: Verdict, hooks: ReadonlyArray<Position>): Promise<Committed> =>
    engine.records.commit(
      run,
      place,
      offered,
      hooks.length === 0 ? undefined : (verdict) => callbacks(engine, hooks, verdict)
    )
  return onceThere(offered, (offered) =>
    onceThere(hooksOver(engine, at), (hooks) => store(offered, hooks))
  ) as Promise<Committed>
}

/** Stores an outcome of the whole run that none of its nodes gave: of a cancel, a deadline, a part that can never be done. */
export const commitRun = async (
  engine: Context,
  run: RunFacts,
  offered: Verdict
): Promise<Committed> => {
  const { frames, records } = engine
  // A plan with a hook around it all is always a record.
  // A cancel starts no callback.
  const frame =
    offered.tag === "Cancelled"
      ? undefined
      : (frames.known(run, rootFrame) ?? (await rootIn(engine, run)))
  if (frame === undefined) return records.commit(run, runPlace, offered)
  let at = frame.plan[0]!
  while (standsFor(at.node)) at = frame.plan[at.children[0]!]!
  return commitAt(engine, { frame, node: at.number }, offered)
}

/** The plan that was dispatched; nothing when it is of a newer release, whose callbacks cannot be started here. */
const rootIn = async ({ frames }: Context, run: RunFacts): Promise<Frame | undefined> => {
  try {
    return await frames.find(run, rootFrame)
  } catch (cause) {
    if (isNewer(cause)) return undefined
    throw cause
  }
}

/** The hooks whose outcome a node's is: those around it, as far as its outcome is passed on unchanged. */
const hooksOver = (
  engine: Context,
  from: Position,
  hooks: Array<Position> = []
): Soon<ReadonlyArray<Position>> => {
  const { frame } = from
  let number = from.node
  for (;;) {
    const { role, parent } = frame.plan[number]!
    if (role.outcome === "frame") {
      if (frame.map !== undefined || frame.up === undefined) return hooks
      return onceThere(engine.frames.above(frame.run, frame.up), (above) =>
        hooksOver(engine, above, hooks)
      )
    }
    if (role.outcome !== "parent") return hooks
    number = parent
    if (role.watched === true) hooks.push({ ...from, node: number })
  }
}

const callbacks = async (engine: Context, hooks: ReadonlyArray<Position>, verdict: Verdict) => {
  const starts = hooks.map((at) => callbackOf(engine, at, verdict))
  return (await Promise.all(starts)).flatMap((start) => (start === undefined ? [] : [start]))
}

/** Sets the timer that collects the run; one that did not succeed may have calls under way, which are stopped. */
export const afterEnd = async (
  engine: Context,
  run: RunFacts,
  outcome: Pick<Verdict, "tag" | "decided">
): Promise<void> => {
  if (outcome.tag === "Succeeded") return scheduleCollection(engine, run)
  await scheduleClearing(engine, run)
  await new Closer(engine).endRun(run, outcome)
}

/** What follows the end of a frame that nothing is around. A run of one call that nobody could see twice owes nothing. */
export const endRun = (
  engine: Context,
  { id, plan, run }: Frame,
  { verdict, again }: { readonly verdict: Verdict; readonly again: boolean }
): Promise<void> | undefined => {
  const composite = id !== rootFrame || plan.length > 1 || !isCall(plan[0]!.node)
  const alone = !composite && !again && verdict.attempt === 1 && !isKeyed(run.address)
  if (!alone || !("text" in verdict.value)) return afterEnd(engine, run, verdict)
  // What was to end it in time goes with it.
  if (expires(plan[0]!.node)) return endTimers(engine.records, run.address)
  if (run.deadline === undefined) return undefined
  return dropDeadline(engine, run).then(() => undefined)
}

const expires = (node: AnyNode): boolean => isCall(node) && node.expires !== undefined
