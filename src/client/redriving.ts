/** What whoever redrives a dead letter is told: that nobody takes from the queue it goes to, or that the server takes it no more. */
import type { Print } from "../define/print.ts"
import { normalLevel } from "../encode/subjects.ts"
import { isTooLarge } from "../engine/index.ts"
import type { RedrivenRun } from "../result/dead-letter.ts"
import type { Broker, LaneState } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import { after } from "../broker/time.ts"

/** How long may be looked, in milliseconds: the run is stored meanwhile, and whoever asked waits for this. */
const longest = 1_000

/** How many queues that are served are named. */
const most = 10

/** A warning when no worker is seen at the queue; never rejects, and gives none where that cannot be known. */
export const makeWarning = (
  broker: Broker,
  print: Print
): ((queue: string | undefined) => Promise<Pick<RedrivenRun, "warning">>) => {
  /** A thousand letters that go the same way are worth one line. */
  const told = new Set<string>()
  return async (queue) => {
    const warning = queue === undefined ? undefined : await whyUnserved(broker, queue)
    if (queue === undefined || warning === undefined) return {}
    if (!told.has(queue)) print(`arpeggio: ${warning}`)
    told.add(queue)
    return { warning }
  }
}

const whyUnserved = async (broker: Broker, queue: string): Promise<string | undefined> => {
  const lanes = await seen(broker)
  if (lanes === undefined) return undefined
  const served = lanes.filter((lane) => lane.level === normalLevel && isServed(lane))
  if (served.some((lane) => lane.queue === queue)) return undefined
  const names = served.map((lane) => `"${lane.queue}"`).toSorted()
  const others =
    names.length === 0
      ? "no worker is seen at any other either"
      : `workers are seen at ${names.slice(0, most).join(", ")}${names.length > most ? ", …" : ""}`
  return `no worker takes from queue "${queue}" now, so what was redriven waits there until one does (${others}). Is the name spelt right? What no worker takes in time becomes a dead letter again, which can be redriven to another queue`
}

const isServed = ({ asking, out }: LaneState): boolean => asking > 0 || out > 0

const seen = async (broker: Broker): Promise<ReadonlyArray<LaneState> | undefined> => {
  const end = new AbortController()
  const stop = after(longest, () => end.abort())
  try {
    return await broker.lanes(end.signal)
  } catch {
    return undefined
  } finally {
    stop()
  }
}

/** A record that the server took when it was stored, and takes no more. */
export const whyNotTaken = (letter: string, cause: unknown): unknown =>
  isTooLarge(cause)
    ? new BrokerError({
        reason: cause.reason,
        message: `dead letter ${letter} cannot be redriven now, and is kept: its run was stored when the server took larger messages, and ${cause.message} Then redrive it again.`
      })
    : cause
