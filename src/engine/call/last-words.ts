/** What a worker notes at a step it loses as its process ends, for whoever is handed that step next. Nothing counts on such a note. */
import { kinds } from "../../encode/kinds.ts"
import { newInstance } from "../../encode/ids.ts"
import type { AttemptMessage } from "../../encode/message.ts"
import { packMessage, unpackKind } from "../../encode/codec.ts"
import { recordSubject, type RunAddress } from "../../encode/subjects.ts"
import type { Records } from "../records.ts"

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

/** What a worker says of one step. */
export interface LastWords {
  readonly worker: string
  readonly address: RunAddress
  readonly step: string
  readonly attempt: number
  readonly words: string
  /** What ended the worker was in the code of this step. */
  readonly own: boolean
  /** The loss is another step's, which was named. */
  readonly spared: boolean
}

/** How the words end of the step in whose code it was. */
const ofThisStep = "in the code of this step"

/** What a note has behind its words where the loss is another step's; older releases read the words only. */
const sparedSlot = JSON.stringify("spared")

const place = (records: Records, run: RunAddress, step: string, index: string): string =>
  recordSubject(records.namespace, kinds.attempt, run, `${step}~ended`, index)

/** Leaves a note without waiting for anything: the process ends. */
export const noteLastWords = (
  records: Records,
  { worker, address, step, attempt, words, own, spared }: LastWords
): void => {
  const { broker } = records
  const message: AttemptMessage = {
    v: 1,
    kind: "attempt",
    run: address.run,
    step,
    attempt,
    tag: "Lost",
    worker,
    at: broker.now()
  }
  const slots = [JSON.stringify(own ? `${words}\n${ofThisStep}` : words)]
  if (spared) slots.push(sparedSlot)
  // One of its own each time: what a worker sent back as it stopped is delivered for the first time again.
  const subject = place(records, address, step, `${attempt}-${newInstance()}`)
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
