/** Tasks that a worker may not know, or that cost it its life. */
import * as Schema from "effect/Schema"
import { chain } from "../../src/compose/chain.ts"
import { task } from "../../src/define/task.ts"
import { identity } from "../fixtures/tasks.ts"
import { note } from "../fixtures/ledger.ts"

/** Served only once somebody has deployed it. */
export const late = task("dead.late", { input: [Schema.Json], output: Schema.Json }, (x) => {
  note(x)
  return x
})

/** Replaced by a chain of which the end is not served. */
export const replaced = task(
  "dead.replaced",
  { input: [Schema.Finite], output: Schema.Json },
  (x) => {
    note(x)
    return chain(identity(x), late())
  }
)

/** What is called when `fatal` begins. */
export const death: { strike: (() => void) | undefined } = { strike: undefined }

/** Takes its worker down while `death` says so. */
export const fatal = task(
  "dead.fatal",
  { input: [Schema.Finite], output: Schema.Finite },
  async (x) => {
    note(x)
    if (death.strike === undefined) return x
    death.strike()
    return new Promise<number>(() => {})
  }
)
