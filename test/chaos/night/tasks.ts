/** What the storm `night` runs besides the usual: values of megabytes, a task that moves to another queue, and handlers that kill their worker by carelessness. */
import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { step, task } from "arpeggio"
import { begin } from "../tasks.ts"

const { Finite } = Schema

/** Takes as many milliseconds as it is told. */
export const length = task(
  "night.length",
  { input: [Schema.String, Finite], output: Finite },
  async (text, milliseconds) => {
    const end = begin(text.length)
    await sleep(milliseconds)
    end()
    return text.length
  }
)

/** A text of that many letters. */
export const large = task("night.large", { input: [Finite], output: Schema.String }, (letters) => {
  const end = begin(letters)
  end()
  return "x".repeat(letters)
})

/** Deploys move it from one of these queues to the other. */
export const queues = ["mail", "notify"] as const

export const movedTo = (queue: string) =>
  task("night.moved", { input: [Finite], output: Finite, queue }, (value) => {
    const end = begin(value)
    end()
    return value + 1
  })

/** What an error says that nobody awaits. */
export const unawaited = "nobody awaits this"

const die = (): Promise<never> => {
  void Promise.reject(new Error(unawaited))
  return new Promise<never>(() => {})
}

/** Whether this step is executed for the first time, in any process. */
const first = (): boolean => {
  const { run, id } = step()
  try {
    writeFileSync(join(dirname(process.env["LEDGER"]!), `careless-${run}-${id}`), "", {
      flag: "wx"
    })
    return true
  } catch {
    return false
  }
}

/** Kills the first worker that executes it. */
export const careless = task(
  "night.careless",
  { input: [Finite], output: Finite },
  async (value) => {
    const end = begin(value)
    if (first()) await die()
    end()
    return value + 1
  }
)

/** Kills every worker that executes it. */
export const culprit = task("night.culprit", { input: [Finite], output: Finite }, async (value) => {
  begin(value)
  return die()
})

export const nightTasks = (queue: string) =>
  [length, large, movedTo(queue), careless, culprit] as const
