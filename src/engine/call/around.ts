/** What is taken and stored around a step while its handler runs. */
import { kinds } from "../../encode/kinds.ts"
import { onceThere, type Soon } from "../../define/awaitable.ts"
import type { Context } from "../context.ts"
import { isStart, placeOf } from "../flow/position.ts"
import { needsOfStart } from "../room/needs.ts"
import { scheduleRepair } from "../run/schedule.ts"
import type { Job } from "./job.ts"

/** What holds while a step runs here. */
export interface Around {
  /** It runs no longer, so its scope may be counted. May be called again. */
  readonly leave: () => void
  /** All that follows from it is stored: of a step that begins its run. */
  readonly done?: () => void
  /** Its run would be begun again if it came to stand still: stored before anything follows from the start; the handler need not wait for it. */
  readonly kept?: Promise<void>
}

const alone: Around = { leave: () => {} }

/** Begins a step here. Rejects with `NotNow` when there is no room for its run to begin. */
export const enter = (engine: Context, job: Job): Soon<Around> => {
  if (!isStart(job.at)) return enterScope(engine, job)
  const { delivery, run } = job
  return onceThere(engine.growth.enter(needsOfStart(delivery)), (done) => {
    const kept = scheduleRepair(engine, run, delivery)
    kept.catch(() => {})
    return { leave: enterScope(engine, job).leave, done, kept }
  })
}

/** Begins a step that begins no run. */
export const enterScope = ({ joiner }: Context, { at, run }: Job): Around => {
  const place = placeOf(at)
  return place.kind === kinds.outcome && place.index !== "_"
    ? { leave: joiner.enter(run.address, place.node) }
    : alone
}
