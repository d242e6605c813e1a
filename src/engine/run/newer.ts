/** What a newer release has stored of a run: timers and kinds of records that this one does not know. They are not guessed at, and not passed over. */
import { received } from "../../define/describe-value.ts"
import { isKind, kinds } from "../../encode/kinds.ts"
import { Unreadable } from "../../encode/codec.ts"
import {
  parseSubject,
  recordsFilter,
  recordsOfKind,
  type RunAddress
} from "../../encode/subjects.ts"
import type { Stored } from "../../broker/broker.ts"
import type { Records } from "../records.ts"
import { timerIn, timersOfRun, timerSubject } from "../timers.ts"

/** Timers of a run that this release does not know. Each counts as one that holds a call: a run is not over while it has one. */
export const newerTimers = async (
  { broker, namespace }: Records,
  address: RunAddress
): Promise<ReadonlyArray<Stored>> =>
  (await broker.readAll(timerSubject(namespace, address, timersOfRun))).filter(
    ({ subject }) => timerIn(subject) === undefined
  )

/** Whether there is any. Asked where nothing else of the run is under way, so that few timers are read. */
export const hasNewerTimers = async (records: Records, address: RunAddress): Promise<boolean> =>
  (await newerTimers(records, address)).length > 0

/** How many records are looked at in one request. */
const width = 1_000

/**
 * Throws where the run has a kind of record that this release does not know: whoever knows it looks after the run. `known`
 * is how many of the others there should be; where that is not so, each kind is counted, and at last each record looked at.
 */
export const refuseNewerKinds = async (
  { broker, namespace }: Records,
  address: RunAddress,
  known?: number
): Promise<void> => {
  const all = recordsFilter(namespace, address)
  const stored = await broker.count(all)
  if (stored === known) return
  const counted = await Promise.all(
    Object.values(kinds).map((kind) => broker.count(recordsOfKind(namespace, kind, address)))
  )
  if (stored <= counted.reduce((sum, count) => sum + count, 0)) return
  for (let from: number | undefined = 1; from !== undefined;) {
    const { records, next } = await broker.page(all, width, from)
    const stranger = records
      .map(({ subject }) => parseSubject(subject)?.kind ?? "")
      .find((kind) => !isKind(kind))
    if (stranger !== undefined) {
      const message = `a record of the kind ${received(stranger)}, which this release does not know`
      throw new Unreadable({ why: "newer", message })
    }
    from = next
  }
}
