/** Begins a run again of which nothing is under way: what has its outcome is passed by, what was lost is sent anew. */
import { packMessage, unpackMessage, Unreadable } from "../encode/parcel.ts"
import { recordSubject, runFilter, runIdOf, type RunAddress } from "../encode/subjects.ts"
import type { Engine } from "./context.ts"
import { runPlace, type RunFacts } from "./frame.ts"

/** The message that started a run, as text. */
export interface Start {
  readonly subject: string
  readonly body: string
}

/** Whether a call of the run is queued, leased or waits in a timer, besides the message that asks. */
export const isUnderWay = async (
  { broker, records }: Engine,
  { address }: RunFacts
): Promise<boolean> => {
  const calls = (): Promise<number> =>
    broker.count(runFilter(records.namespace, "t", address)).then((all) => all - 1)
  if ((await calls()) > 0) return true
  const [retried, parked] = await Promise.all(
    [timed(records.namespace, address, "retry"), timed(records.namespace, address, "parked")].map(
      (filter) => broker.count(filter)
    )
  )
  // A call that waited in a timer may have gone back to its queue between the two counts.
  return retried! + parked! > 0 || (await calls()) > 0
}

const timed = (namespace: string, address: RunAddress, why: string): string =>
  recordSubject(namespace, "s", address, "*", why)

/**
 * Sends the start again, marked so that whoever gets it reads before it does anything. Followers are published before a
 * call is acked, so this is never needed unless records were removed by hand.
 */
export const beginAgain = async (engine: Engine, run: RunFacts, start: Start): Promise<void> => {
  const { broker, records } = engine
  const parcel = unpackMessage(Buffer.from(start.body))
  if (parcel instanceof Unreadable) throw parcel
  const { message, slots } = parcel
  if (message.kind !== "call" && message.kind !== "expand") return
  await broker.publish({
    subject: start.subject,
    unless: records.subject(run.address, runPlace),
    body: packMessage({ ...message, again: true }, slots)
  })
  engine.repaired(runIdOf(run.address))
}
