/** Keeps the schedules in place that a worker was given, for as long as it runs. */
import type { Broker } from "../broker/broker.ts"
import { received } from "../define/describe-value.ts"
import { everyCall } from "../plan/every-node.ts"
import type { Print } from "../define/print.ts"
import { scheduleAddress } from "../encode/scheduled.ts"
import {
  groupTimes,
  keepGroup,
  readSchedule,
  Records,
  type Scheduled,
  within
} from "../engine/index.ts"
import type { CheckedSchedule } from "../schedule/declared.ts"

/** The schedules that a worker was given. */
export interface GivenSchedules {
  readonly group: string
  readonly list: ReadonlyArray<CheckedSchedule>
}

/** Says which tasks of its schedules a worker does not do, if there are any: another worker may, or one has been forgotten. */
export const tellUnserved = (
  { list }: GivenSchedules,
  tasks: { has(task: string): boolean },
  print: Print
): void => {
  const missing = list.flatMap(({ name, workflow }) => {
    const called = everyCall(workflow["~arpeggio"].plan).map(({ task }) => task)
    return [...new Set(called)]
      .filter((task) => !tasks.has(task))
      .map((task) => `${task} of schedule ${received(name)}`)
  })
  if (missing.length === 0) return
  print(
    `arpeggio: this worker has schedules with tasks that it does not serve: ${missing.join(", ")}. They wait for a worker that does: if none is meant to, give these tasks to this one.`
  )
}

/** How many are named when a worker starts. */
const named = 5

/** What is stored of them, in one line: which there are, and when each is due next. */
const thereWords = async (records: Records, { group, list }: GivenSchedules): Promise<string> => {
  const some = list.slice(0, named).map(async ({ name }) => {
    const stored = await readSchedule(records, scheduleAddress(owner, name))
    return `${name} (${stored === undefined ? "deleted since" : nextWords(stored)})`
  })
  const told = await Promise.all(some)
  const more = list.length - told.length
  const all = more > 0 ? [...told, `and ${more} more`] : told
  const many = list.length === 1 ? "1 schedule" : `${list.length} schedules`
  return `arpeggio: ${many} of group "${group}": ${all.join(", ")}`
}

const nextWords = ({ message: { next, paused } }: Scheduled): string => {
  if (paused !== undefined) return "paused"
  return next === undefined
    ? "no more times"
    : `next ${new Date(next).toISOString().replace(".000Z", "Z")}`
}

/** Whose they are: the owner that an app has which says nothing else. */
const owner = "app"

/** How long the outcomes of their runs are kept, in milliseconds: as an app that says nothing else keeps them. */
const keep = 3_600_000

/** Stores them, and looks each minute whether they still count. `begun`: that was done once. Never rejects. */
export const keepSchedules = (
  broker: Broker,
  { group, list }: GivenSchedules,
  print: Print
): { readonly begun: Promise<void>; stop(): void } => {
  const records = new Records(broker)
  const schedules = list.map((each) => within(each, group, keep))
  let told = ""
  let isListed = false
  let stopped = false
  let cancel = (): void => {}
  const tell = (line: string): void => {
    if (line !== told && !stopped) print(line)
    told = line
  }
  const tellThere = async (): Promise<void> => {
    if (isListed || list.length === 0) return
    isListed = true
    // For people: what cannot be read now is stored all the same.
    const words = await thereWords(records, { group, list }).catch(() => undefined)
    if (words !== undefined && !stopped) print(words)
  }
  const look = async (): Promise<void> => {
    try {
      const synced = await keepGroup(records, { owner, name: group, schedules })
      if (synced !== "older") {
        told = ""
        await tellThere()
      } else {
        tell(
          `arpeggio: the schedules of this worker (group "${group}") are not stored: workers with others in that group were started later and are there. If this is no older version of the same program, give it a scheduleGroup of its own.`
        )
      }
    } catch (cause) {
      tell(
        `arpeggio: the schedules of this worker (group "${group}") could not be stored, which is tried again in a minute. ${cause instanceof Error ? cause.message : String(cause)}`
      )
    }
    if (!stopped) cancel = broker.after(groupTimes.say, () => void look())
  }
  return {
    begun: look(),
    stop: () => {
      stopped = true
      cancel()
    }
  }
}
