/** What a caller is told of a start that was refused, or may have been stored all the same. */
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import type { KeyHeld } from "../engine/index.ts"
import { KeyTaken, type InvalidResult } from "../result/errors.ts"
import { BrokerError } from "../broker/errors.ts"
import { unreadableResult } from "./unreadable.ts"

/** Says which run it is that may have been started, where that is not known. */
export const inDoubt = (cause: unknown, address: RunAddress, key?: string): unknown => {
  if (!(cause instanceof BrokerError) || cause.reason !== "Unknown") return cause
  const run = JSON.stringify(runIdOf(address))
  const next =
    key === undefined
      ? `attach(${run}, workflow).status() says which, and the run goes on if it is. Started again, it may run twice; with a key (workflow.with({ key })) it cannot.`
      : `Start it again with the same key: that gives the run that is stored, or starts it now.`
  const message = `${cause.message} It was the start of run ${run}, which is perhaps stored. ${next}`
  return new BrokerError({ reason: "Unknown", message })
}

/** The error for a key that something else holds. */
export const keyTaken = (
  key: string,
  { holder, newer, unreadable }: KeyHeld
): KeyTaken | InvalidResult => {
  if (holder !== undefined && unreadable !== undefined) return unreadableResult(holder, unreadable)
  const name = JSON.stringify(key.slice(0, 80))
  const run = holder === undefined ? "" : runIdOf(holder)
  const message =
    newer === undefined
      ? `the key ${name} already holds run ${run}, which was started with another workflow or another input. Nothing was sent. Attach to that run, wait until its outcome is no longer kept, or choose a key that names this piece of work.`
      : `the key ${name} is held by a run that a newer release of Arpeggio started, and which one cannot be read here (it is ${newer}). Nothing was sent. Upgrade this process.`
  return new KeyTaken({ key, run, message })
}
