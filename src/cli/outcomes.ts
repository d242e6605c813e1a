/** Waits for the end of a run, and prints how it ended. */
import type { Outcome } from "../define/outcome.ts"
import type { Run } from "../result/run.ts"
import type { Lasting } from "./typed.ts"
import { exits } from "./exits.ts"
import { type Format, jsonWords, remark, show } from "./output.ts"

/** How a run ended, as it is printed with `--json`. */
export type Ended = { readonly run: string } & Outcome<unknown, unknown>

/** Prints the output alone on standard output; of a run that did not succeed, why, on standard error, and the process ends with 1. */
export const ended = async (
  run: Run<unknown, unknown>,
  format: Format,
  within?: Lasting
): Promise<void> => {
  const outcome = await run.outcome(within === undefined ? {} : { within })
  const all: Ended = { run: run.id, ...outcome }
  if (outcome._tag !== "Succeeded") process.exitCode = exits.failed
  if (format.json === true || outcome._tag === "Succeeded") {
    await show(all, (one) => ("value" in one ? jsonWords(one.value) : ""), format)
  } else {
    remark(`arpeggio: run ${run.id} ${endingWords(outcome)}`)
  }
}

/** What became of a run, behind its id. */
export const endingWords = (outcome: Outcome<unknown, unknown>): string => {
  switch (outcome._tag) {
    case "Succeeded":
      return `succeeded: ${jsonWords(outcome.value)}`
    case "Failed":
      return `failed${at(outcome)}: ${jsonWords(fieldsOf(outcome.error))}`
    case "Crashed":
      return `crashed${at(outcome)}: ${outcome.name === undefined ? "" : `${outcome.name}: `}${outcome.message}`
    case "TimedOut":
      return `timed out${at(outcome)} after ${outcome.after} ms`
    case "Expired":
      return "expired: it had not begun in time"
    case "Cancelled":
      return `was cancelled${outcome.reason === undefined ? "" : `: ${outcome.reason}`}`
  }
}

const at = ({
  failure
}: {
  readonly failure?: { readonly task: string; readonly step: string }
}): string =>
  failure === undefined || failure.task === "" ? "" : ` in ${failure.task}#${failure.step}`

/** Of an error, what it says; JSON leaves the fields of `Error` itself out. */
const fieldsOf = (error: unknown): unknown =>
  error instanceof Error ? { ...error, name: error.name, message: error.message } : error
