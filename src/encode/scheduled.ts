/** The subjects of a schedule, by its owner and its name. */
import { createHash } from "node:crypto"
import { kinds } from "./kinds.ts"
import { callSubject, recordSubject, type RunAddress, systemQueue, tickLevel } from "./subjects.ts"

const lettersOf = (name: string): string => {
  const digest = createHash("sha256").update(JSON.stringify(name)).digest()
  return digest.readBigUInt64BE().toString(36).padStart(13, "0").slice(-11)
}

/** Where a schedule belongs; its runs have the same owner and instance. */
export const scheduleAddress = (owner: string, name: string): RunAddress => ({
  owner,
  instance: `s${lettersOf(name)}`,
  run: "_"
})

/** The record of a group of schedules. */
export const scheduleGroupSubject = (namespace: string, owner: string, group: string): string =>
  recordSubject(namespace, kinds.scheduleGroup, {
    owner,
    instance: `g${lettersOf(group)}`,
    run: "_"
  })

/** The record of a schedule. */
export const scheduleSubject = (namespace: string, address: RunAddress): string =>
  recordSubject(namespace, kinds.schedule, address)

/** The records of all schedules of an owner. */
export const schedulesFilter = (namespace: string, owner: string): string =>
  scheduleSubject(namespace, { owner, instance: "*", run: "_" })

/** What a timer of a schedule becomes. */
export const tickSubject = (
  namespace: string,
  address: RunAddress,
  revision: string,
  due: string
): string =>
  callSubject(namespace, address, {
    queue: systemQueue,
    level: tickLevel,
    task: "_",
    node: revision,
    index: due
  })
