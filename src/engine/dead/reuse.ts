/**
 * Finds out what of a run can be taken over by another that does the same again.
 *
 * A record is taken over when everything that it was made from is, so a walk through the plan in the order of its
 * execution decides: a step is reached when all before it is done; a step is done when its success is stored; a scope is
 * done when its members are. A `settle`, a `recover` or a cleanup around a dead call is not done although it has succeeded, nor is
 * anything behind it. What is not reached is not taken over: at worst a step is executed once more.
 */
import type { Reached, Walk } from "../../plan/rule.ts"
import { ruleOf } from "../../plan/table.ts"
import { kinds } from "../../encode/kinds.ts"
import { moved, placeOf, stepOf, type Frame, type Position } from "../flow/position.ts"
import type { Verdict } from "../verdict.ts"

/** What a run has stored. */
export interface Past {
  /** Inner outcomes, by node and index of their place. */
  readonly outcomes: ReadonlyMap<string, Pick<Verdict, "tag">>
  readonly frames: ReadonlyMap<string, Frame>
  /** The steps that are in the dead letters. */
  readonly dead: ReadonlySet<string>
}

/** Places (`node.index`) and ids of frames to take over. */
export interface Reuse {
  readonly places: ReadonlySet<string>
  readonly frames: ReadonlySet<string>
}

export const reusable = (past: Past, root: Frame): Reuse => {
  const { outcomes, frames, dead } = past
  const places: Array<string> = []
  const kept: Array<string> = []

  /** Takes the success of a node over, if it has one; the run's own outcome is never taken over. */
  const take = (at: Position): boolean => {
    const place = placeOf(at)
    const key = `${place.node}.${place.index}`
    if (place.kind !== kinds.outcome || outcomes.get(key)?.tag !== "Succeeded") return false
    places.push(key)
    return true
  }
  const all = (positions: ReadonlyArray<Position>): Reached => {
    const reached = positions.map(walk)
    return {
      done: reached.every(({ done }) => done),
      dead: reached.some((each) => each.dead)
    }
  }
  /** One after another, as far as they are done. */
  const through = (positions: ReadonlyArray<Position>): Reached => {
    for (const position of positions) {
      const step = walk(position)
      if (!step.done) return step
    }
    return { done: true, dead: false }
  }
  const walkAt = (at: Position): Walk => {
    const inside = at.frame.plan[at.node]!.children.map((number) => moved(at, number))
    return {
      child: (position) => walk(inside[position]!),
      children: (from = 0) => all(inside.slice(from)),
      items: () => {
        const frame = frames.get(stepOf(at))
        if (frame?.map === undefined) return undefined
        kept.push(frame.id)
        return all(
          Array.from({ length: frame.map.count }, (_, index) => ({ frame, index, node: 0 }))
        )
      },
      take: () => take(at),
      mark: () => {
        const [outcomes, plans] = [places.length, kept.length]
        return () => {
          places.length = outcomes
          kept.length = plans
        }
      }
    }
  }
  const walk = (at: Position): Reached => {
    const { node, children } = at.frame.plan[at.node]!
    if (node.kind === "call") return walkCall(at)
    const { reach, decides } = ruleOf(node)
    if (reach !== undefined) return reach(walkAt(at))
    const inside = children.map((number) => moved(at, number))
    if (!decides) return through(inside)
    const { done, dead } = all(inside)
    return { done: done && take(at), dead }
  }
  const walkCall = (at: Position): Reached => {
    const step = stepOf(at)
    const expansion = frames.get(step)
    if (expansion === undefined || expansion.map !== undefined) {
      const done = take(at)
      return { done, dead: !done && dead.has(step) }
    }
    kept.push(step)
    return walk({ frame: expansion, node: 0 })
  }
  walk({ frame: root, node: 0 })
  return { places: new Set(places), frames: new Set(kept) }
}
