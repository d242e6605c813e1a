/** Gives up a call that is executed no more: a dead letter, and an outcome that is carried on like any other. */
import { commitAt } from "../flow/ender.ts"
import { letterId } from "../dead/dead.ts"
import { outcomeOf } from "./decide.ts"
import type { Handling } from "./handling.ts"
import type { Call } from "./job.ts"
import { deadLetter, type Circumstances } from "../dead/bury.ts"
import type { Farewell } from "./last-words.ts"
import type { Losses } from "./losses.ts"

/** Gives up a call that has cost enough workers their lives. */
export const quarantine = (
  handling: Handling,
  call: Call,
  { count, spared, lost, words: last, farewell }: Losses
): Promise<void> => {
  const { run, message } = call
  const known = lost.map(({ worker }) => worker).join(", ")
  const workers = known === "" ? "" : ` (${known} among them)`
  const begun = count === 1 ? "once by a worker" : `${count} times by workers`
  const others = spared === 0 ? "" : `; ${spared} of them named another step that ran beside`
  const died = `${message.task} was begun ${begun} that died or lost the connection before it ended${workers}${others}, so it is not begun again`
  const redrive = `then redrive it: deadLetters.redrive("${letterId(run.address, message.step)}")`
  const mend = farewell === undefined ? "Mend that" : "Mend the code that did it"
  const words = `${died}. ${lastWord(lost.at(-1)?.worker, farewell)} ${mend}, ${redrive}`
  const said = saidLast(farewell?.words, last)
  const circumstances = { losses: count, lost, ...(said === undefined ? {} : { words: said }) }
  return giveUp(handling, call, { name: "WorkerLost", message: words }, circumstances)
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
  { engine, advancer, observer, unserved }: Handling,
  call: Call,
  crash: { readonly name: string; readonly message: string },
  circumstances: Circumstances = {}
): Promise<void> => {
  const { delivery, at, run, message } = call
  const known = unserved === true ? { ...circumstances, begins: "member" as const } : circumstances
  const letter = { ...known, name: message.step, reason: crash.message }
  await deadLetter(engine, delivery, run.address, letter)
  const ending = { as: "crashed", text: JSON.stringify(crash) } as const
  const offered = outcomeOf(engine, call, ending, engine.broker.now())
  const { verdict } = await commitAt(engine, at, offered)
  if (verdict.tag === "Crashed") observer.dead(call, offered.value)
  await advancer.advance(at, verdict, true)
  delivery.ack()
}
