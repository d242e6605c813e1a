/**
 * What a worker says in the moment in which its process ends over running steps: a line on standard error, and a note to
 * each step, for whoever is handed it next. Nothing can be awaited any more, so both may be lost; nothing counts on them.
 */
import type { StepContext } from "../define/context.ts"
import { inWords } from "../define/duration.ts"
import { writeError } from "../define/print.ts"
import { newInstance } from "../encode/identity.ts"
import { kinds } from "../encode/kinds.ts"
import type { AttemptMessage } from "../encode/message.ts"
import { packMessage, unpackKind } from "../encode/parcel.ts"
import { addressOf, recordSubject, type RunAddress } from "../encode/subjects.ts"
import type { Records } from "../engine/records.ts"
import { type End, isSameStep } from "./end.ts"
import type { RunningStep } from "./running.ts"

/** How many running steps are named in the line, and how many are left a note: what fits into a socket at once. */
const most = { named: 20, noted: 100 } as const

/** How much of what ended the process each note tells, in characters. */
const longest = { own: 2_000, others: 400 } as const

/** How long a note is kept, in milliseconds: nobody removes it where its run has no timer. */
const kept = 86_400_000

/** Why the steps of a worker were lost, as it said itself in its last moment. */
export interface Farewell {
  readonly worker: string
  readonly words: string
  /** Whether it was in the code of this very step. */
  readonly own: boolean
}

/** What was said of the lost executions of one attempt. */
export interface Farewells {
  readonly last?: Farewell
  /** So many were lost to another step that ran beside, and was named. */
  readonly spared: number
}

const ofThisStep = "in the code of this step"

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

/** Says it all; `elapsed` is the time by the clock by which the steps began. */
export const sayFarewell = (
  records: Records,
  worker: string,
  running: ReadonlyArray<RunningStep>,
  end: End,
  elapsed: number
): void => {
  if (running.length === 0) return
  const steps = culpritFirst(running, end.by)
  writeError(lineOf(worker, steps, end, elapsed))
  const spared = spares(steps, end)
  for (const step of steps.slice(0, most.noted)) {
    const address = addressOf(step.context.run)
    if (address === undefined) continue
    const slots = [JSON.stringify(wordsFor(step, steps, end))]
    if (spared && !isSameStep(step.context, end.by)) slots.push(sparedSlot)
    note(records, address, worker, step, slots)
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
  if (own) return `${words}\n${ofThisStep}`
  return where === "" ? `${words}${beside}` : `${words}\n${where}`
}

const besides = (others: ReadonlyArray<RunningStep>): string => {
  const names = others.slice(0, 3).map(({ context }) => nameOf(context))
  const more = others.length > 3 ? ` and ${others.length - 3} more` : ""
  return `\nwhile these ran, too: ${names.join(", ")}${more}`
}

/** What a note has behind its words where the loss is another step's; older releases read the words only. */
const sparedSlot = JSON.stringify("spared")

const place = (records: Records, run: RunAddress, step: string, index: string): string =>
  recordSubject(records.namespace, kinds.attempt, run, `${step}~ended`, index)

const note = (
  records: Records,
  address: RunAddress,
  worker: string,
  { context: { id, attempt }, run }: RunningStep,
  slots: ReadonlyArray<string>
): void => {
  const { broker } = records
  const message: AttemptMessage = {
    v: 1,
    kind: "attempt",
    run,
    step: id,
    attempt,
    tag: "Lost",
    worker,
    at: broker.now()
  }
  // One of its own each time: what a worker sent back as it stopped is delivered for the first time again.
  const subject = place(records, address, id, `${attempt}-${newInstance()}`)
  const body = packMessage(message, slots)
  broker.publish({ subject, body, ttl: kept, last: true }).catch(() => {})
}

/** What the workers said that lost this attempt, as far as they could say anything. */
export const farewellsOf = async (
  records: Records,
  run: RunAddress,
  { step, attempt }: { readonly step: string; readonly attempt: number }
): Promise<Farewells> => {
  const stored = await records.broker.readAll(place(records, run, step, "*"))
  const all = stored
    .map(({ body }) => unpackKind(body, "attempt"))
    .filter(({ message }) => message.attempt === attempt)
    .toSorted((left, right) => left.message.at - right.message.at)
  const spared = all.filter(({ slots }) => slots[1] === sparedSlot).length
  const last = all.at(-1)
  if (last === undefined) return { spared }
  const words = String(JSON.parse(last.slots[0] ?? '""'))
  return { spared, last: { worker: last.message.worker, words, own: words.endsWith(ofThisStep) } }
}
