/** Commits the outcome of a node, together with the start of every callback that hangs on it: both are stored, or neither. */
import { onceThere, type Soon } from "../../define/awaitable.ts"
import { isNewer } from "../../encode/codec.ts"
import { standsFor } from "../../plan/whole.ts"
import type { Context } from "../context.ts"
import { withBranches } from "./branches.ts"
import { callbackOf } from "./callback.ts"
import {
  moved,
  placeOf,
  rootFrame,
  runPlace,
  type Frame,
  type Position,
  type RunFacts
} from "./position.ts"
import type { Committed, Verdict } from "../verdict.ts"

/** Stores the outcome at the node's place, unless there is one. */
export const commitAt = (engine: Context, at: Position, given: Verdict): Promise<Committed> => {
  const { run } = at.frame
  const place = placeOf(at)
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
  let at = from
  for (;;) {
    const { frame } = at
    const { role, parent } = frame.plan[at.node]!
    if (role.outcome === "frame") {
      if (frame.map !== undefined || frame.up === undefined) return hooks
      return onceThere(engine.frames.above(frame.run, frame.up), (above) =>
        hooksOver(engine, above, hooks)
      )
    }
    if (role.outcome !== "parent") return hooks
    at = moved(at, parent)
    if (role.watched === true) hooks.push(at)
  }
}

const callbacks = async (engine: Context, hooks: ReadonlyArray<Position>, verdict: Verdict) => {
  const starts = hooks.map((at) => callbackOf(engine, at, verdict))
  return (await Promise.all(starts)).flatMap((start) => (start === undefined ? [] : [start]))
}
