/** What the storms run: every execution is written to a ledger outside the system, when it begins, when it ends, and when its outcome is stored. */
import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { step, task } from "arpeggio"

const { Finite } = Schema

/** Numbers the executions of this process. */
let executions = 0

const write = (entry: object): void => {
  const file = process.env["LEDGER"]
  if (file === undefined || file === "") return
  // A kill can cut a write in two: with a new line before it, the next entry stands on a line of its own.
  appendFileSync(file, `\n${JSON.stringify({ ...entry, pid: process.pid, at: Date.now() })}\n`)
}

const pulse = 100

/** A stretch without a turn of the event loop that is worth an entry, in milliseconds. */
const stalled = 500

/** Notes when this process could do nothing at all: on a busy machine it loses its leases as a stopped one does. */
export const watchPulse = (): void => {
  let last = Date.now()
  setInterval(() => {
    const now = Date.now()
    if (now - last > stalled) write({ event: "stalled", from: last })
    last = now
  }, pulse).unref()
}

/** Notes that an execution begins; the function it gives notes that it has ended. */
export const begin = (input: unknown): (() => void) => {
  const { run, id, task, attempt } = step()
  const execution = ++executions
  write({ event: "began", run, id, task, input, execution, attempt })
  return () => write({ event: "ended", run, id, task, execution })
}

/** Whether a line of the worker's log says that the outcome of a step is stored; if so, the ledger says it too. */
export const noteCommitted = (line: string): boolean => {
  const match = /^(\S+) (\S+)#(\S+) {2}(?:succeeded|stopped|failed) /.exec(line)
  if (match === null) return false
  write({ event: "committed", run: match[1], id: match[3], task: match[2] })
  return true
}

/** Takes a moment, so that a kill finds members under way. */
export const member = task("storm.member", { input: [Finite], output: Finite }, async (value) => {
  const end = begin(value)
  await sleep(value % 97)
  end()
  return value + 1
})

export const body = task(
  "storm.body",
  { input: [Schema.Array(Finite)], output: Finite },
  async (values) => {
    const end = begin(values)
    await sleep(2)
    const sum = values.reduce((total, value) => total + value, 0)
    end()
    return sum
  }
)

export const tail = task("storm.tail", { input: [Finite, Finite], output: Finite }, (sum, add) => {
  const end = begin(sum)
  end()
  return sum + add
})

/** Takes as many milliseconds as it is told, and stops early when it is told to. */
export const slow = task("storm.slow", { input: [Finite], output: Finite }, async (value) => {
  const end = begin(value)
  await sleep(value, undefined, { signal: step().signal })
  end()
  return value
})

/** Fails as many attempts as it is told. */
export const flaky = task(
  "storm.flaky",
  { input: [Finite, Finite], output: Finite },
  (value, failures) => {
    const end = begin(value)
    const { attempt } = step()
    end()
    if (attempt <= failures) throw new Error(`attempt ${attempt} of a flaky step`)
    return value + 1
  }
)

/** A callback: notes which run called back, and which run it is itself. */
export const called = task("storm.called", { input: [Finite], output: Finite }, (value) => {
  const end = begin(value)
  const { run, parent } = step()
  const file = process.env["CALLED"]
  if (file !== undefined) appendFileSync(file, `\n${parent} ${run}\n`)
  end()
  return value
})

/** What a schedule starts: notes for which time. */
export const tick = task("storm.tick", { input: [Finite], output: Finite }, (value) => {
  const { scheduled } = step()
  const end = begin([scheduled?.name, scheduled?.at.getTime()])
  end()
  return value
})

/** Kills the worker that executes it, as a native crash or the kernel's memory killer would. */
export const poison = task("storm.poison", { input: [Finite], output: Finite }, async (value) => {
  begin(value)
  process.kill(process.pid, "SIGKILL")
  await new Promise<never>(() => {})
  return value
})

export const stormTasks = [member, body, tail, slow, flaky, called, tick, poison] as const
