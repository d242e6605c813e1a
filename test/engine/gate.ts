/** A task that ends when a test says so, whatever it is told. */
import * as Schema from "effect/Schema"
import { task } from "../../src/define/task.ts"
import { note } from "../fixtures/ledger.ts"

interface Gate {
  /** Resolves when a handler has come to the gate. */
  readonly reached: Promise<void>
  readonly opened: Promise<void>
  readonly reach: () => void
  readonly open: () => void
}

const gates = new Map<number, Gate>()

/** The gate with a number; every number is one gate. */
export const gate = (number: number): Gate => {
  const known = gates.get(number)
  if (known !== undefined) return known
  let reach = (): void => {}
  let open = (): void => {}
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const opened = new Promise<void>((resolve) => (open = resolve))
  const made = { reached, opened, reach, open }
  gates.set(number, made)
  return made
}

/** Gives its number when its gate is open, and does not hear any signal. */
export const stubborn = task(
  "engine.stubborn",
  { input: [Schema.Finite], output: Schema.Finite },
  async (number) => {
    note(number)
    const { reach, opened } = gate(number)
    reach()
    await opened
    return number
  }
)
