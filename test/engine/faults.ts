/** What can happen to a call of a worker, or to what arrives there. */
import type { MemoryCall } from "../../src/testing/memory/fault.ts"

/**
 * It has no effect; it succeeds and reports a timeout; it happens twice; the worker dies before it, or after it; the
 * worker is frozen there for longer than its lease; it takes effect long after a timeout was reported.
 */
export const faults = [
  "lost",
  "unanswered",
  "duplicate",
  "crash-before",
  "crash-after",
  "frozen",
  "late",
  "fired",
  "firing"
] as const

export type PointFault = (typeof faults)[number]

/** What changes nothing. */
export const readings: ReadonlySet<MemoryCall["verb"]> = new Set([
  "read",
  "readAll",
  "page",
  "count",
  "waiting",
  "lanes"
])
const isTimers = (subject: string): boolean => subject.split(".")[1] === "s"
const answered: ReadonlySet<MemoryCall["verb"]> = new Set(["publish", "purge"])

/** Whether a fault at such a call differs from those before it in the list. */
export const differs = (
  { verb, subject }: Pick<MemoryCall, "verb" | "subject">,
  fault: PointFault
): boolean => {
  if (fault === "fired" || fault === "firing") return answered.has(verb) && isTimers(subject)
  if (readings.has(verb)) return ["lost", "crash-before", "frozen"].includes(fault)
  return answered.has(verb) || (fault !== "unanswered" && fault !== "late")
}
