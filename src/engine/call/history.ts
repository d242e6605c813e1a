/** What happened to a call before this delivery: asked of the broker when a first execution is not certain. */
import type { Advancer } from "../flow/advancer.ts"
import { afterEnd } from "../run/end.ts"
import type { Context } from "../context.ts"
import { intervals } from "../run/looks.ts"
import { kinds } from "../../encode/kinds.ts"
import type { Place } from "../../encode/value-ref.ts"
import { fenceOf, placeOf, runPlace, stepOf } from "../flow/position.ts"
import type { Position, RunFacts } from "../flow/position.ts"
import { stepTimer } from "../timers.ts"
import { nothing } from "../value.ts"
import type { Delivery } from "../../broker/broker.ts"
import { furthest, type OnUnended } from "./inline-next.ts"

/** Whether a call may have been executed before, so that what is stored is read first. */
export const mayBeKnown = (
  { deliveries, fired, doubtful }: Delivery,
  message: { readonly again?: boolean }
): boolean => deliveries > 1 || fired || doubtful === true || message.again === true

/**
 * Whether it may have been executed before, once what is stored has been read: what its own delay has fired was not, unless
 * it was handed out before. Should it have been fired twice, only one of both stores the outcome.
 */
export const mayHaveBegun = (
  { deliveries, fired, doubtful, timer }: Delivery,
  { again, step }: { readonly again?: boolean; readonly step: string }
): boolean => {
  if (deliveries > 1 || doubtful === true || again === true) return true
  return fired && timer?.endsWith(`.${stepTimer(step, "delay").tokens.join(".")}`) !== true
}

/**
 * Whether the place of an outcome may have been removed since something was begun: half the time ago after which that is done
 * at the soonest. A run's own stays as long as it is kept.
 */
export const mayHaveGone = (
  { broker }: Pick<Context, "broker">,
  { kind }: Place,
  began: number
): boolean =>
  broker.now() - began > intervals[kind === kinds.outcome ? "collectSoon" : "collect"] / 2

/** Whether the run has its outcome. What the end of a run owes is done again, in case it was not. */
export const runIsOver = async (engine: Context, run: RunFacts): Promise<boolean> => {
  const verdict = await engine.records.outcome(run.address, runPlace)
  if (verdict === undefined) return false
  await afterEnd(engine, run, verdict)
  return true
}

/**
 * Whether the step has its outcome, of which everything is then done again, or its scope has closed. When a worker was
 * lost, `onUnended` hears of the first step behind it that has none.
 */
export const isDecided = async (
  engine: Context,
  advancer: Advancer,
  at: Position,
  onUnended?: OnUnended
): Promise<boolean> => {
  const { address } = at.frame.run
  const [own, scope] = await Promise.all([
    engine.records.outcome(address, placeOf(at)),
    engine.records.outcome(address, fenceOf(at))
  ])
  if (own !== undefined) {
    const last = await furthest(engine, at, own, onUnended)
    if (last !== undefined) await advancer.advance(last.at, last.verdict, true)
  }
  return own !== undefined || scope !== undefined
}

/** Whether the step needs no execution: it is decided, or it has its replacement, which is then begun again. */
export const isSettled = async (
  engine: Context,
  advancer: Advancer,
  at: Position,
  onUnended: OnUnended | undefined
): Promise<boolean> => {
  if (await isDecided(engine, advancer, at, onUnended)) return true
  const expansion = await engine.frames.find(at.frame.run, stepOf(at))
  if (expansion === undefined) return false
  await advancer.begin({ frame: expansion, node: 0 }, nothing, {
    parent: stepOf(at),
    again: true
  })
  return true
}
