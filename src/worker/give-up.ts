/** Gives up a call that is executed no more: a dead letter, and an outcome that is carried on like any other. */
import type { CallMessage } from "../encode/message.ts"
import { runIdOf } from "../encode/subjects.ts"
import type { Advancer } from "../engine/advancer.ts"
import { commitAt } from "../engine/committer.ts"
import type { Engine } from "../engine/context.ts"
import { letterId } from "../engine/dead/dead.ts"
import type { Position } from "../engine/frame.ts"
import type { Delivery } from "../transport/broker.ts"
import { verdictOf } from "./attempt.ts"
import type { WorkerLog } from "./log.ts"
import { deadLetter, type Circumstances } from "./dead-letter.ts"
import type { Farewell } from "./farewell.ts"
import type { Losses } from "./strikes.ts"

/** What giving up takes of a worker. */
export interface Giving {
  readonly engine: Engine
  readonly advancer: Advancer
  readonly log: WorkerLog
  /** Set where the calls of a queue that nobody serves are given up: their patience is over, and where room is short their dead letters wait. */
  readonly unserved?: true
}

/** Gives up a call that has cost enough workers their lives. */
export const quarantine = (
  giving: Giving,
  delivery: Delivery,
  at: Position,
  message: CallMessage,
  { count, spared, lost, words: last, farewell }: Losses
): Promise<void> => {
  const known = lost.map(({ worker }) => worker).join(", ")
  const workers = known === "" ? "" : ` (${known} among them)`
  const begun = count === 1 ? "once by a worker" : `${count} times by workers`
  const others = spared === 0 ? "" : `; ${spared} of them named another step that ran beside`
  const died = `${message.task} was begun ${begun} that died or lost the connection before it ended${workers}${others}, so it is not begun again`
  const redrive = `then redrive it: deadLetters.redrive("${letterId(at.frame.run.address, message.step)}")`
  const mend = farewell === undefined ? "Mend that" : "Mend the code that did it"
  const words = `${died}. ${lastWord(lost.at(-1)?.worker, farewell)} ${mend}, ${redrive}`
  const said = saidLast(farewell?.words, last)
  const circumstances = { losses: count, lost, ...(said === undefined ? {} : { words: said }) }
  return giveUp(
    giving,
    delivery,
    at,
    message,
    { name: "WorkerLost", message: words },
    circumstances
  )
}

/** In one paragraph; the frames are among the last words. */
const lastWord = (last: string | undefined, farewell: Farewell | undefined): string => {
  if (farewell === undefined) {
    return "The last of them could not say why: it was killed (SIGKILL, out of memory: look at the system's log, and at the memory that the step takes), or lost its connection."
  }
  const lines = farewell.words.split("\n").map((line) => line.trim())
  const first = lines.findIndex((line) => line.startsWith("at "))
  const told = lines.filter((line, at) => !line.startsWith("at ") || at === first)
  const which = (last ?? farewell.worker) === farewell.worker ? "The last" : "One"
  return `${which} of them, ${farewell.worker}, ended with: ${told.join(" ").replace(/\.$/, "")}.`
}

/** Of the worker that was lost, and of the attempt that had failed before. */
const saidLast = (farewell: string | undefined, failed: string | undefined): string | undefined =>
  farewell === undefined || failed === undefined
    ? (farewell ?? failed)
    : `${farewell.slice(0, 600)}\nThe attempt before had failed: ${failed}`

/** The dead letter comes first: whoever gets the call again does the rest again. */
export const giveUp = async (
  { engine, advancer, log, unserved }: Giving,
  delivery: Delivery,
  at: Position,
  message: CallMessage,
  crash: { readonly name: string; readonly message: string },
  circumstances: Circumstances = {}
): Promise<void> => {
  const { run } = at.frame
  const known = unserved === true ? { ...circumstances, begins: "member" as const } : circumstances
  await deadLetter(engine, delivery, run.address, message.step, crash.message, known)
  const ending = { as: "crashed", text: JSON.stringify(crash) } as const
  const offered = verdictOf(engine, at, message, ending, engine.broker.now())
  const { verdict } = await commitAt(engine, at, offered)
  if (verdict.tag === "Crashed") log.givenUp(runIdOf(run.address), message, offered.value)
  await advancer.advance(at, verdict, true)
  delivery.ack()
}
