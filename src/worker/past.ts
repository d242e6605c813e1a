/** What happened to a call before this delivery: asked of the broker when a first execution is not certain. */
import type { Advancer } from "../engine/advancer.ts"
import { scheduleCollection } from "../engine/collector.ts"
import type { Engine } from "../engine/context.ts"
import { fenceOf, placeOf, runPlace, stepOf } from "../engine/frame.ts"
import type { Position, RunFacts } from "../engine/frame.ts"
import { nothing } from "../engine/value.ts"

/** Whether the run has its outcome. What the end of a run owes is done again, in case it was not. */
export const runIsOver = async (engine: Engine, run: RunFacts): Promise<boolean> => {
  if ((await engine.records.outcome(run.address, runPlace)) === undefined) return false
  await scheduleCollection(engine, run)
  return true
}

/** Whether the step needs no execution: it has its outcome or its replacement, or its scope has closed. */
export const isSettled = async (
  engine: Engine,
  advancer: Advancer,
  at: Position
): Promise<boolean> => {
  const { run } = at.frame
  const [own, scope, expansion] = await Promise.all([
    engine.records.outcome(run.address, placeOf(at)),
    engine.records.outcome(run.address, fenceOf(at)),
    engine.frames.find(run, stepOf(at))
  ])
  if (own !== undefined) {
    await advancer.advance(at, own, true)
    return true
  }
  if (scope !== undefined) return true
  if (expansion === undefined) return false
  await advancer.begin({ frame: expansion, node: 0 }, nothing, {
    parent: stepOf(at),
    again: true
  })
  return true
}
