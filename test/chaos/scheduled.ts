/** Ten schedules beside the load of a storm, and what the ledger says of their times: none early, none left out, none twice. */
import { setTimeout as sleep } from "node:timers/promises"
import type { App, Schedule } from "arpeggio"
import { executionsOf, type Execution } from "./ledger.ts"
import type { Stage } from "./stage.ts"
import { tick } from "./tasks.ts"
import { slack } from "./timed.ts"

const count = 10

/** How long is waited for the last of what was started, in milliseconds. */
const patience = 120_000

/** One declared schedule: its name, how long its interval is and the first of its times. */
interface Declared {
  readonly name: string
  readonly every: number
  readonly first: number
  readonly handle: Schedule
}

/** Those that begin and end with the storm, a start for each second of them or each other one. */
export const declareSchedules = (app: App): Promise<ReadonlyArray<Declared>> =>
  Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const name = `tick ${number}`
      const every = number % 2 === 0 ? 1_000 : 2_000
      const handle = await app.schedule(name, tick(number), {
        every: `${every} millis`,
        offset: `${number * 97} millis`,
        overlap: "allow",
        misfire: "all"
      })
      return { name, every, first: (await handle.info()).next!.getTime(), handle }
    })
  )

const ticksOf = (
  executions: ReadonlyArray<Execution>
): ReadonlyMap<string, ReadonlyArray<Execution>> => {
  const found = new Map<string, Array<Execution>>()
  for (const one of executions.filter(({ task }) => task === "storm.tick")) {
    const time = JSON.stringify(one.input)
    found.set(time, [...(found.get(time) ?? []), one])
  }
  return found
}

export interface ScheduleFigures {
  readonly scheduled: number
  readonly wrong: ReadonlyArray<string>
}

/** Ends them, waits until what they have started has been executed, and compares all of it with the ledger. */
export const endSchedules = async (
  stage: Stage,
  declared: ReadonlyArray<Declared>
): Promise<ScheduleFigures> => {
  const wanted: Array<{ readonly key: string; readonly at: number }> = []
  const wrong: Array<string> = []
  for (const { name, every, first, handle } of declared) {
    await handle.pause("the storm is over")
    const { last, missed, skipped } = await handle.info()
    if (last === undefined) wrong.push(`${name} was never started`)
    else if ((last.at.getTime() - first) % every !== 0) wrong.push(`${name} left its rhythm`)
    if (missed + skipped > 0) wrong.push(`${name}: ${missed} missed, ${skipped} skipped`)
    for (let at = first; at <= (last?.at.getTime() ?? 0); at += every) {
      wanted.push({ key: JSON.stringify([name, at]), at })
    }
  }
  const from = Date.now()
  let ticks = ticksOf(executionsOf(await stage.ledger()))
  const isDone = (key: string): boolean =>
    ticks.get(key)?.some(({ ended }) => ended !== undefined) === true
  while (!wanted.every(({ key }) => isDone(key)) && Date.now() - from < patience) {
    await sleep(500)
    ticks = ticksOf(executionsOf(await stage.ledger()))
  }
  for (const { key, at } of wanted) {
    const executions = ticks.get(key) ?? []
    const runs = new Set(executions.map(({ run }) => run))
    if (!isDone(key)) wrong.push(`${key} was not executed`)
    if (runs.size > 1) wrong.push(`${key} was started ${runs.size} times: ${[...runs].join(", ")}`)
    if (executions.some(({ began }) => began < at - slack)) wrong.push(`${key} began too early`)
  }
  const known = new Set(wanted.map(({ key }) => key))
  for (const key of ticks.keys()) if (!known.has(key)) wrong.push(`${key} is no time of it`)
  return { scheduled: wanted.length, wrong }
}
