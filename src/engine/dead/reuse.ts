/**
 * Finds out what of a run can be taken over by another that does the same again.
 *
 * A record is taken over when everything that it was made from is, so a walk through the plan in the order of its
 * execution decides: a step is reached when all before it is done; a step is done when its success is stored; a scope is
 * done when its members are. A `settle`, a `recover` or a cleanup around a dead call is not done although it has succeeded, nor is
 * anything behind it. What is not reached is not taken over: at worst a step is executed once more.
 */
import { kinds } from "../../encode/kinds.ts"
import { moved, placeOf, stepOf, type Frame, type Position } from "../frame.ts"
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

interface Reached {
  readonly done: boolean
  /** Whether there is a dead call inside. */
  readonly dead: boolean
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
  const walk = (at: Position): Reached => {
    const { node, children } = at.frame.plan[at.node]!
    const inside = (number: number): Position => moved(at, number)
    switch (node.kind) {
      case "call":
        return walkCall(at)
      case "pass":
        return { done: take(at), dead: false }
      case "chain":
        for (const child of children) {
          const step = walk(inside(child))
          if (!step.done) return step
        }
        return { done: true, dead: false }
      case "ignore":
      case "hook":
        return walk(inside(children[0]!))
      case "settle": {
        const inner = walk(inside(children[0]!))
        return { done: !inner.dead && take(at), dead: inner.dead }
      }
      case "group":
        return joined(at, children.map(inside))
      case "cleanup": {
        const inner = walk(inside(children[0]!))
        if (inner.dead) return inner
        const before = [places.length, kept.length] as const
        const cleanup = walk(inside(children[1]!))
        if (inner.done && !cleanup.dead && take(at)) return { done: true, dead: false }
        // It is given how the other has ended, which is known anew only where that is taken over.
        if (!inner.done) {
          places.length = before[0]
          kept.length = before[1]
        }
        return { done: false, dead: cleanup.dead }
      }
      case "recover": {
        const inner = walk(inside(children[0]!))
        if (inner.dead) return inner
        const before = [places.length, kept.length] as const
        // At most one fallback has begun; what it was given is taken over only together with what came of it.
        const fallback = all(children.slice(1).map(inside))
        if (!fallback.dead && take(at)) return { done: true, dead: false }
        places.length = before[0]
        kept.length = before[1]
        return { done: false, dead: fallback.dead }
      }
      case "map": {
        const frame = frames.get(stepOf(at))
        if (frame?.map === undefined) return { done: take(at), dead: false }
        kept.push(frame.id)
        const indexes = Array.from({ length: frame.map.count }, (_, index) => index)
        return joined(
          at,
          indexes.map((index) => ({ frame, index, node: 0 }))
        )
      }
    }
  }
  const joined = (at: Position, members: ReadonlyArray<Position>): Reached => {
    const inner = all(members)
    return { done: inner.done && take(at), dead: inner.dead }
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
