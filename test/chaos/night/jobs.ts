/** What the storm `night` submits besides the usual. */
import { chain } from "arpeggio"
import { slow } from "../tasks.ts"
import type { Job } from "../workload.ts"
import { careless, culprit, large, length, movedTo } from "./tasks.ts"

/** One letter, so that a text of megabytes is written in one go. */
const text = (letters: number): string => "y".repeat(letters)

/** A large value on its way to a worker. */
export const lengthJob = (what: string, letters: number, milliseconds = 5): Job => ({
  what,
  tasks: 1,
  expected: letters,
  workflow: length(text(letters), milliseconds)
})

/** A large value from one worker to the next. */
export const largeJob = (what: string, letters: number): Job => ({
  what,
  tasks: 2,
  expected: letters,
  workflow: chain(large(letters), length(5))
})

/** Comes to the moving task after a while, wherever its queue is by then; may end as a dead letter. */
export const movedJob = (value: number, queue: string): Job => ({
  what: "moved",
  tasks: 2,
  expected: value + 1,
  mayFail: /night\.moved/,
  workflow: chain(slow(value), movedTo(queue)())
})

/** Its first worker dies of it. */
export const carelessJob = (value: number): Job => ({
  what: "careless",
  tasks: 1,
  expected: value + 1,
  workflow: careless(value)
})

/** Every worker dies of it, until it is given up. */
export const culpritJob = (value: number): Job => ({
  what: "culprit",
  tasks: 1,
  expected: Number.NaN,
  mayFail: /night\.culprit/,
  workflow: culprit(value)
})
