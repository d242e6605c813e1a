/** Where lines go that are for people. Nothing that only tells may touch the work: whatever happens to a line ends here. */
import { writeSync } from "node:fs"
import { ContractError } from "./errors.ts"
import { received } from "./describe-value.ts"

/** Takes one line. */
export type Print = (line: string) => void

/** The function that was given, made safe, or standard error. Throws a `ContractError` for anything else, before anything is opened. */
export const checkedPrint = (print: Print | undefined): Print => {
  if (print === undefined) return printNotice
  if (typeof print === "function") return guarded(print)
  const message = `print is a function that takes a line, for example console.error, not ${received(print)}`
  throw new ContractError({ task: "", message })
}

/** The same guard for the same function, so that its failure is told once a process. */
const guards = new WeakMap<Print, Print>()

/** What those functions said that refused their last line. */
const failures = new WeakMap<Print, string>()

/** A note for health while lines do not arrive where they should. */
export const whyNotPrinted = (print: Print): ReadonlyArray<string> => {
  const failure = failures.get(print)
  return failure === undefined
    ? []
    : [`${failure}: lines go to standard error until it takes one again`]
}

/**
 * Never throws, whatever the function does. What it refuses goes to standard error, behind one line that says why; so does
 * what it causes us to say while it runs, which could go on for ever.
 */
export const guarded = (print: Print, whose = "the function given as `print`"): Print => {
  const known = guards.get(print)
  if (known !== undefined) return known
  let printing = false
  let told = false
  const arrived = (): void => void failures.delete(guard)
  const refused = (line: string, cause: unknown): void => {
    const why = wordsOf(cause)
    failures.set(guard, `${whose} fails (${why})`)
    if (!told) {
      told = true
      writeError(
        `arpeggio: ${whose} failed (${why}). Work goes on; lines that it refuses are written here, to standard error. Mend it.`
      )
    }
    writeError(line)
  }
  const guard: Print = (line) => {
    if (printing) return writeError(line)
    printing = true
    try {
      const returned: unknown = print(line)
      if (isThenable(returned)) {
        void Promise.resolve(returned).then(arrived, (cause: unknown) => refused(line, cause))
      } else if (told) arrived()
    } catch (cause) {
      refused(line, cause)
    } finally {
      printing = false
    }
  }
  guards.set(print, guard)
  guards.set(guard, guard)
  return guard
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

/** Anything can be thrown, also what cannot be looked at. */
const wordsOf = (cause: unknown): string => {
  try {
    return received(cause)
  } catch {
    return "with something that cannot be put into words"
  }
}

/** Writes a line at once, past the console and its streams. A standard error that is closed, or full, loses the line. */
export const writeError = (line: string): void => {
  try {
    writeSync(2, `${line}\n`)
  } catch {
    // Nobody is there to hear it.
  }
}

/** Standard output belongs to the program, notices to its developer. */
// oxlint-disable-next-line no-console -- where they look, and where tests and tools take it from
export const printNotice: Print = guarded((line) => console.error(line), "console.error")
