/** Closes a scope from the top down: nothing more begins inside, and what runs is told to stop. */
import type { Engine } from "./context.ts"
import { placeOf, stepOf, type Frame, type Position, type RunFacts } from "./frame.ts"
import type { Verdict } from "./verdict.ts"
import { recordSubject, runFilter } from "../encode/subjects.ts"

/** The topic on which the closing of scopes is told. */
export const closingTopic = "closing"

/** The scope that stands for the whole run. */
export const wholeRun = "run"

export interface Closing {
  readonly owner: string
  readonly run: string
  readonly scope: string
}

export class Closer {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Closes what is inside a group or map whose own outcome is committed. */
  async close(at: Position, why: string): Promise<void> {
    const scope = stepOf(at)
    const { run } = at.frame
    this.#tell(run, scope)
    await this.#cancelBelow(at, why)
    const frames = await this.#engine.frames.all(run)
    await Promise.all(
      frames
        .filter((frame) => frame.scopes.includes(scope))
        .map((frame) => this.#cancelFrame(frame, why))
    )
  }

  /** Removes what an ended run still has queued. Only for runs whose outcome is committed. */
  async endRun(run: RunFacts): Promise<void> {
    this.#tell(run, wholeRun)
    const { broker, records } = this.#engine
    await broker.purge(runFilter(records.namespace, "t", run.address))
    await broker.purge(recordSubject(records.namespace, "s", run.address, "*", "retry"))
  }

  #tell(run: RunFacts, scope: string): void {
    const closing: Closing = { owner: run.address.owner, run: run.address.run, scope }
    this.#engine.broker.announce(closingTopic, Buffer.from(JSON.stringify(closing)))
  }

  async #cancelFrame(frame: Frame, why: string): Promise<void> {
    await this.#cancel(frame.run, { frame, node: 0 }, why, true)
    const indexes =
      frame.map === undefined ? [undefined] : Array.from({ length: frame.map.count }, (_, at) => at)
    const inner = frame.plan.filter(({ node }) => isScope(node.kind))
    for (const index of inner.length === 0 ? [] : indexes) {
      for (const { number } of inner) {
        const position = { frame, node: number, ...(index === undefined ? {} : { index }) }
        await this.#cancel(frame.run, position, why)
      }
    }
  }

  async #cancelBelow(at: Position, why: string): Promise<void> {
    const inside = new Set([at.node])
    for (const { number, parent, node } of at.frame.plan) {
      if (!inside.has(parent)) continue
      inside.add(number)
      if (isScope(node.kind)) await this.#cancel(at.frame.run, { ...at, node: number }, why)
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

const isScope = (kind: string): boolean =>
  kind === "group" || kind === "map" || kind === "settle" || kind === "recover"
