/** Closes a scope from the top down: nothing more begins inside, and what runs is told to stop. */
import type { AnyNode } from "../../define/plan.ts"
import { ruleOf } from "../../plan/table.ts"
import type { Context } from "../context.ts"
import { moved, placeOf, stepOf, type Frame, type Position, type RunFacts } from "./position.ts"
import { Once } from "../once-per-key.ts"
import type { Verdict } from "../verdict.ts"
import { endTimers } from "../timers.ts"
import { runIdOf, taskCallsFilter } from "../../encode/subjects.ts"

/** The topic on which the closing of scopes is told. */
export const closingTopic = "closing"

/** The scope that stands for the whole run. */
export const wholeRun = "run"

export interface Closing {
  readonly owner: string
  readonly run: string
  readonly scope: string
  /** Why the run was ended from outside; absent when a part of it has failed, or nobody needs it. */
  readonly why?: EndedBy
}

/** Who ends a whole run from outside. */
export type EndedBy = "cancelled" | "timedOut"

/** What ended a run, by its outcome: one that comes from a step has failed by itself. */
export const endedBy = ({
  tag,
  decided
}: Pick<Verdict, "tag" | "decided">): EndedBy | undefined => {
  if (tag === "Cancelled") return "cancelled"
  return tag === "TimedOut" && decided === undefined ? "timedOut" : undefined
}

export class Closer {
  readonly #engine: Context
  /** Scopes closed by this process: every member that is cancelled finds its scope closed and asks again. */
  readonly #closed = new Once()

  constructor(engine: Context) {
    this.#engine = engine
  }

  /** Closes what is inside a group or map whose own outcome is committed. */
  close(at: Position, why: string): Promise<void> {
    return this.#closed.ensure(`${runIdOf(at.frame.run.address)}.${stepOf(at)}`, () =>
      this.#close(at, why)
    )
  }

  async #close(at: Position, why: string): Promise<boolean> {
    const scope = stepOf(at)
    const { run } = at.frame
    this.#tell(run, scope)
    await this.#cancelBelow(at, why)
    const closed = new Set<string>()
    for (;;) {
      const frames = await this.#engine.frames.all(run)
      const inside = frames.filter(({ id, scopes }) => scopes.includes(scope) && !closed.has(id))
      // A frame stored after this look finds its fence closed: its writer reads it before anything begins.
      if (inside.length === 0) return true
      for (const { id } of inside) closed.add(id)
      await Promise.all(inside.map((frame) => this.#cancelFrame(frame, why)))
    }
  }

  /** Removes what an ended run still has queued. Only for runs whose outcome is committed and whose timer is set. */
  async endRun(run: RunFacts, outcome: Pick<Verdict, "tag" | "decided">): Promise<void> {
    this.#tell(run, wholeRun, endedBy(outcome))
    const { broker, records } = this.#engine
    await broker.purge(taskCallsFilter(records.namespace, run.address))
    await endTimers(records, run.address)
  }

  #tell(run: RunFacts, scope: string, why?: EndedBy): void {
    const { owner, run: id } = run.address
    const closing: Closing = { owner, run: id, scope, ...(why === undefined ? {} : { why }) }
    this.#engine.broker.announce(closingTopic, Buffer.from(JSON.stringify(closing)))
  }

  async #cancelFrame(frame: Frame, why: string): Promise<void> {
    await this.#cancel(frame.run, { frame, node: 0 }, why, true)
    const indexes =
      frame.map === undefined ? [undefined] : Array.from({ length: frame.map.count }, (_, at) => at)
    const inner = frame.plan.filter(({ node }) => isScope(node))
    const positions = indexes.flatMap((index): ReadonlyArray<Position> => {
      const at = index === undefined ? { frame } : { frame, index }
      return inner.map(({ number }) => moved({ ...at, node: 0 }, number))
    })
    // All at once: a map has a scope in every item, and its failure goes no further up until they are closed.
    await Promise.all(positions.map((position) => this.#cancel(frame.run, position, why)))
  }

  async #cancelBelow(at: Position, why: string): Promise<void> {
    const inside = new Set([at.node])
    for (const { number, parent, node } of at.frame.plan) {
      if (!inside.has(parent)) continue
      inside.add(number)
      if (isScope(node)) await this.#cancel(at.frame.run, { ...at, node: number }, why)
    }
  }

  async #cancel(run: RunFacts, at: Position, why: string, frame = false): Promise<void> {
    const now = this.#engine.broker.now()
    const verdict: Verdict = {
      tag: "Cancelled",
      value: { text: JSON.stringify({ reason: why }) },
      step: stepOf(at),
      attempt: 1,
      worker: this.#engine.worker,
      began: now,
      ended: now
    }
    await this.#engine.records.commit(run, frame ? at.frame.place : placeOf(at), verdict)
  }
}

/** Whether a node has an outcome of its own that closes what is inside. */
export const isScope = (node: AnyNode): boolean => ruleOf(node).decides
