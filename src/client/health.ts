/** How a client is doing: its connection, and whether anybody does the work that waits. */
import { type Print, whyNotPrinted } from "../define/print.ts"
import { normalLevel } from "../encode/subjects.ts"
import { lateTicks, oldestIn, taskIn, unservedWords } from "../engine/index.ts"
import type { Broker, LaneState } from "../broker/broker.ts"
import type { Health } from "../broker/health.ts"
import { after } from "../broker/time.ts"

/** So long nobody takes from a queue before that is told, in milliseconds: workers that start again are no news. */
const noticeable = 15_000

/** How long may be looked, in milliseconds: health is answered within two seconds. */
const longest = 1_500

/** The health of the broker, with a problem for each queue in which calls wait while no worker takes from it, and one where schedules are late. */
export const clientHealth = async (broker: Broker, print: Print): Promise<Health> => {
  const [health, unserved] = await Promise.all([broker.health(), unservedAt(broker)])
  const notes = [...health.notes, ...whyNotPrinted(print)]
  if (!health.connection.connected || unserved.length === 0) return { ...health, notes }
  return { ...health, ok: false, problems: [...health.problems, ...unserved], notes }
}

const unservedAt = async (broker: Broker): Promise<ReadonlyArray<string>> => {
  const end = new AbortController()
  const over = new Promise<ReadonlyArray<string>>((resolve) => {
    end.signal.addEventListener("abort", () => resolve([]), { once: true })
  })
  const stop = after(longest, () => end.abort())
  try {
    // What cannot be asked is no problem of its own: the broker's health says why.
    return await Promise.race([lookedAt(broker, end.signal).catch(() => []), over])
  } finally {
    stop()
  }
}

const lookedAt = async (broker: Broker, signal: AbortSignal): Promise<ReadonlyArray<string>> => {
  const lanes = await broker.lanes(signal)
  const late = await lateTicks(broker, lanes)
  const told: Array<string> = late === undefined ? [] : [late]
  for (const lane of lanes) {
    if (!isIdle(lane)) continue
    const oldest = await oldestIn(broker, lane)
    if (oldest === undefined) continue
    const lasts = broker.now() - Math.max(oldest.at, lane.movedAt ?? 0)
    if (lasts < noticeable) continue
    const { queue, pending: calls } = lane
    told.push(unservedWords({ queue, calls, task: taskIn(oldest), lasts }))
  }
  return told
}

/** Whether calls wait and no worker is seen: neither one that asks for them, nor one that is busy with others. */
const isIdle = ({ level, queue, pending, out, asking }: LaneState): boolean =>
  (level === normalLevel || level === queue) && pending > 0 && out === 0 && asking === 0
