/**
 * What a worker says in the moment in which its process ends over running steps: a line on standard error, and a note to
 * each step, for whoever is handed it next. Nothing can be awaited any more, so both may be lost; nothing counts on them.
 */
import type { StepContext } from "../define/context.ts"
import { inWords } from "../define/duration.ts"
import { writeError } from "../define/print.ts"
import { addressOf } from "../encode/subjects.ts"
import type { LastWords } from "../engine/index.ts"
import { type End, isSameStep } from "./end.ts"
import type { RunningStep } from "./running-handlers.ts"

/** How many running steps are named in the line, and how many are left a note: what fits into a socket at once. */
const most = { named: 20, noted: 100 } as const

/** How much of what ended the process each note tells, in characters. */
const longest = { own: 2_000, others: 400 } as const

const nameOf = ({ run, task, id }: StepContext): string => `${run} ${task}#${id}`

/** The step in whose code it was, first; the others in the order in which they began. */
const culpritFirst = (
  steps: ReadonlyArray<RunningStep>,
  by: StepContext | undefined
): ReadonlyArray<RunningStep> =>
  steps.toSorted(
    (left, right) => Number(isSameStep(right.context, by)) - Number(isSameStep(left.context, by))
  )

/**
 * Whether the step that is named pays for it alone: it runs, so it is counted for itself. What an ended step has left
 * behind may as well be something that all share, a pool or a cache, and serve another step's doing.
 */
const spares = (steps: ReadonlyArray<RunningStep>, { by, sure }: End): boolean =>
  sure && steps.some(({ context }) => isSameStep(context, by))

/** Whose code it was, in the words of a sentence's end; nothing where that is not known. */
const whose = (steps: ReadonlyArray<RunningStep>, by: StepContext | undefined): string => {
  if (by === undefined) return ""
  return steps.some(({ context }) => isSameStep(context, by))
    ? `in the code of ${nameOf(by)}`
    : `in what the code of ${nameOf(by)} has left behind`
}

/** The moment in which a worker ends. */
export interface LastMoment {
  readonly worker: string
  readonly end: End
  readonly running: ReadonlyArray<RunningStep>
  /** The time, by the clock by which the steps began. */
  readonly elapsed: number
}

/** Says it all. */
export const sayFarewell = (
  { worker, end, running, elapsed }: LastMoment,
  note: (words: LastWords) => void
): void => {
  if (running.length === 0) return
  const steps = culpritFirst(running, end.by)
  writeError(lineOf(worker, steps, end, elapsed))
  const spared = spares(steps, end)
  for (const step of steps.slice(0, most.noted)) {
    const address = addressOf(step.context.run)
    if (address === undefined) continue
    const { id, attempt } = step.context
    const own = isSameStep(step.context, end.by)
    const words = wordsFor(step, steps, end)
    note({ worker, address, step: id, attempt, words, own, spared: spared && !own })
  }
}

const lineOf = (
  worker: string,
  steps: ReadonlyArray<RunningStep>,
  end: End,
  elapsed: number
): string => {
  const { words, by } = end
  const where = whose(steps, by)
  const named = steps.slice(0, most.named).map(({ context, began }) => {
    const mark = isSameStep(context, by) ? "  <- in its code" : ""
    return `  ${nameOf(context)}  attempt ${context.attempt}, for ${inWords(Math.round(elapsed - began))}${mark}`
  })
  const more = steps.length > most.named ? [`  and ${steps.length - most.named} more`] : []
  return [
    `arpeggio: worker ${worker} ends: ${words}`,
    `${where === "" ? "" : `It was ${where}. `}${counted(steps.length, spares(steps, end))}; what is lost begins again elsewhere:`,
    ...named,
    ...more
  ].join("\n")
}

const counted = (running: number, spared: boolean): string => {
  if (running === 1) return "A step runs here and counts as lost"
  return spared
    ? `${running} steps run here; the loss counts for that one only`
    : `${running} steps run here and count as lost`
}

const wordsFor = (step: RunningStep, steps: ReadonlyArray<RunningStep>, end: End): string => {
  const own = isSameStep(step.context, end.by)
  const where = whose(steps, end.by)
  const words = end.words.slice(0, own ? longest.own : longest.others)
  const others = steps.filter((other) => other !== step)
  const beside = others.length === 0 || end.by !== undefined ? "" : besides(others)
  if (own) return words
  return where === "" ? `${words}${beside}` : `${words}\n${where}`
}

const besides = (others: ReadonlyArray<RunningStep>): string => {
  const names = others.slice(0, 3).map(({ context }) => nameOf(context))
  const more = others.length > 3 ? ` and ${others.length - 3} more` : ""
  return `\nwhile these ran, too: ${names.join(", ")}${more}`
}
