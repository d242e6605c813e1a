/** How an attempt ended that did not succeed, as a person reads it: in the log, and as the last words of a dead letter. */
import { inWords } from "../define/duration.ts"
import { crashIn, wordsOf, type Thrown } from "./thrown.ts"
import { ownFrames } from "./own-frames.ts"

const longest = 600

/** Frames that are shown of what was thrown, and of each of its causes. */
const frames = { outer: 8, inner: 3 } as const

/** Of a crash, a declared error or a timeout; `text` is its JSON. */
export const failureWords = (how: string, text: string): string => {
  if (how === "Crashed") return crash(text)
  if (how === "Expired") return expired(text)
  return how === "TimedOut" ? timedOut(text) : text.slice(0, longest)
}

const expired = (text: string): string => {
  const { at, mayHaveBegun } = JSON.parse(text) as {
    readonly at?: unknown
    readonly mayHaveBegun?: unknown
  }
  if (typeof at !== "number") return "it had not begun in time"
  const when = new Date(at).toISOString()
  return mayHaveBegun === true
    ? `it had no outcome by ${when}, and is not begun again; a worker that told nothing may have begun it`
    : `it had not begun by ${when}, and is not begun any more`
}

const timedOut = (text: string): string => {
  const { after, took } = JSON.parse(text) as { readonly after?: unknown; readonly took?: unknown }
  if (typeof after !== "number") return "it timed out"
  const timeout = `its timeout of ${inWords(after)}`
  return typeof took === "number"
    ? `the event loop was blocked past ${timeout}, and it ended only after ${inWords(took)}, so what it gave counts for nothing`
    : `it had not ended within ${timeout}`
}

const crash = (text: string): string => {
  const { hint, ...thrown } = crashIn(JSON.parse(text))
  return [...lines(thrown, frames.outer), ...(hint === undefined ? [] : [hint])].join("\n")
}

const lines = (thrown: Thrown, most: number): ReadonlyArray<string> => {
  const { name, stack = "", errors = [], cause } = thrown
  const words = wordsOf(thrown).slice(0, longest)
  const shown = ownFrames(stack.split("\n")).slice(0, most)
  return [
    words === "" ? name : `${name}: ${words}`,
    ...shown,
    ...errors.flatMap((error) => below("- ", error)),
    ...(cause === undefined ? [] : below("caused by: ", cause))
  ]
}

const below = (lead: string, thrown: Thrown): ReadonlyArray<string> =>
  lines(thrown, frames.inner).map((line, at) => `  ${at === 0 ? lead : ""}${line}`)
