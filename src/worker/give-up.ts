/** Gives up a call that is executed no more: a dead letter, and an outcome that is carried on like any other. */
import type { CallMessage } from "../encode/message.ts"
import { runIdOf } from "../encode/subjects.ts"
import type { Advancer } from "../engine/advancer.ts"
import { commitAt } from "../engine/committer.ts"
import type { Engine } from "../engine/context.ts"
import type { Position } from "../engine/frame.ts"
import type { Delivery } from "../transport/broker.ts"
import { verdictOf } from "./attempt.ts"
import type { WorkerLog } from "./log.ts"
import { deadLetter, type Circumstances } from "./dead-letter.ts"
import type { Losses } from "./strikes.ts"

/** What giving up takes of a worker. */
export interface Giving {
  readonly engine: Engine
  readonly advancer: Advancer
  readonly log: WorkerLog
}

/** Gives up a call that has cost enough workers their lives. */
export const quarantine = (
  giving: Giving,
  delivery: Delivery,
  at: Position,
  message: CallMessage,
  { count, lost, words: last }: Losses
): Promise<void> => {
  const known = lost.map(({ worker }) => worker).join(", ")
  const workers = known === "" ? "" : ` (${known} among them)`
  const begun = count === 1 ? "once by a worker" : `${count} times by workers`
  const words = `${message.task} was begun ${begun} that died or lost the connection before it ended${workers}, so it is not begun again`
  const circumstances = { losses: count, lost, ...(last === undefined ? {} : { words: last }) }
  return giveUp(
    giving,
    delivery,
    at,
    message,
    { name: "WorkerLost", message: words },
    circumstances
  )
}

/** The dead letter comes first: whoever gets the call again does the rest again. */
export const giveUp = async (
  { engine, advancer, log }: Giving,
  delivery: Delivery,
  at: Position,
  message: CallMessage,
  crash: { readonly name: string; readonly message: string },
  circumstances: Circumstances = {}
): Promise<void> => {
  const { run } = at.frame
  await deadLetter(engine, delivery, run.address, message.step, crash.message, circumstances)
  const ending = { as: "crashed", text: JSON.stringify(crash) } as const
  const offered = verdictOf(engine, at, message, ending, engine.broker.now())
  const { verdict } = await commitAt(engine, at, offered)
  log.ended(runIdOf(run.address), message, verdict.tag, 0, offered.value)
  await advancer.advance(at, verdict, true)
  delivery.ack()
}
