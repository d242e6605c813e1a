/** What still runs in a worker that is told to stop, as the person reads it who told it to. */
import { inWords } from "../define/duration.ts"
import type { Busy } from "./running-handlers.ts"

/** How many tasks are named. */
const most = 10

/** `grace`: how long it may take, in milliseconds. */
export const busyWords = (steps: ReadonlyArray<Busy>, grace: number): string => {
  if (steps.length === 0) return "nothing runs here"
  const tasks = new Map<string, { count: number; longest: number }>()
  for (const { task, since } of steps) {
    const { count, longest } = tasks.get(task) ?? { count: 0, longest: 0 }
    tasks.set(task, { count: count + 1, longest: Math.max(longest, since) })
  }
  const named = [...tasks]
    .toSorted(([, left], [, right]) => right.longest - left.longest)
    .map(([task, { count, longest }]) => {
      const since = inWords(longest < 1_000 ? longest : Math.round(longest / 100) * 100)
      return count === 1
        ? `${task} (for ${since})`
        : `${count} of ${task} (the longest for ${since})`
    })
  const more = named.length > most ? ` and ${named.length - most} more tasks` : ""
  return `finishing what runs, within ${inWords(grace)}: ${named.slice(0, most).join(", ")}${more}; what has not ended by then begins again elsewhere`
}
