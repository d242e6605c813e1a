/** What the storms run: every execution is written to a ledger outside the system, when it begins and when it ends. */
import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { step, task } from "arpeggio"

const { Finite } = Schema

const ledger = (event: string, input: unknown): void => {
  const file = process.env["LEDGER"]
  if (file === undefined) return
  const { run, id, task } = step()
  appendFileSync(file, `${JSON.stringify({ event, run, id, task, input, pid: process.pid })}\n`)
}

/** Takes a moment, so that a kill finds members under way. */
export const member = task("storm.member", { input: [Finite], output: Finite }, async (value) => {
  ledger("began", value)
  await sleep(value % 7)
  ledger("ended", value)
  return value + 1
})

export const body = task(
  "storm.body",
  { input: [Schema.Array(Finite)], output: Finite },
  async (values) => {
    ledger("began", values)
    await sleep(2)
    const sum = values.reduce((total, value) => total + value, 0)
    ledger("ended", values)
    return sum
  }
)

export const tail = task("storm.tail", { input: [Finite, Finite], output: Finite }, (sum, add) => {
  ledger("began", sum)
  ledger("ended", sum)
  return sum + add
})

/** Kills the worker that executes it, as a native crash or the kernel's memory killer would. */
export const poison = task("storm.poison", { input: [Finite], output: Finite }, async (value) => {
  ledger("began", value)
  process.kill(process.pid, "SIGKILL")
  await new Promise<never>(() => {})
  return value
})

export const stormTasks = [member, body, tail, poison] as const
