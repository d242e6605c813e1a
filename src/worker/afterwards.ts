/**
 * Ends a process that handlers keep alive which were told to stop and go on, once nothing else of the program is under way.
 *
 * After `serve`, a program may still have things to do, and what it does may take as long as it needs. In doubt it has: a
 * process that stays is named and can be killed, what it served cannot be brought back.
 */
import { executionAsyncId } from "node:async_hooks"
import type { Print } from "../define/print.ts"
import { every } from "../broker/time.ts"
import type { Program } from "./program.ts"
import type { Busy } from "./running-handlers.ts"

/** How often to look, in milliseconds. */
const pulse = 100

/** After so long a person is told why the process does not end. */
const patience = 2_000

/** `running` names the handlers that go on. Returns at once. */
export const endWithout = (
  program: Program,
  running: () => ReadonlyArray<Busy>,
  print: Print
): void => {
  if (running().length === 0) return program.stop()
  program.goesOn()
  const began = performance.now()
  let told = false
  const stop = every(pulse, () => {
    program.except(executionAsyncId())
    const names = running().map(({ name }) => name)
    if (names.length === 0) {
      stop()
      program.stop()
      return
    }
    if (program.isDone) {
      stop()
      print(
        `arpeggio: this process ends now, with nothing left to do but ${wordsOf(names)}. Let them stop at step().signal`
      )
      // oxlint-disable-next-line unicorn/no-process-exit -- nothing else would ever end it
      process.exit()
    }
    if (told || performance.now() - began < patience) return
    told = true
    const { lasts, unknown } = program
    const rest = lasts === undefined ? "" : ` (${lasts})`
    const then =
      unknown === undefined
        ? `It is ended as soon as the rest of the program is done${rest}; a signal ends it now`
        : `It is left alone, because ${unknown}; a signal ends it`
    print(
      `arpeggio: the worker has stopped, and this process would not end without ${wordsOf(names)}. ${then}. Let them stop at step().signal`
    )
  })
}

/** How many are named in one line. */
const mostNamed = 20

const wordsOf = (names: ReadonlyArray<string>): string => {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ""
  const handlers = names.length === 1 ? "a handler that was" : `${names.length} handlers that were`
  return `${handlers} told to stop and ${names.length === 1 ? "goes" : "go"} on (${names.slice(0, mostNamed).join(", ")}${more})`
}
