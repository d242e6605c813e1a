/** Says of an outcome that does not fit which side most likely has the older code, when it was made with another version of a contract. */
import { givesSame } from "../define/fingerprint.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import type { OtherContract } from "../encode/value-ref.ts"

/** Processes that began within this time of each other, in milliseconds, may have begun in either order: clocks differ. */
const atOnce = 1_000

/**
 * What to do about it; `undefined` when the versions are not the reason. `since` is when this process began. A process that
 * began later has the newer code, unless somebody starts old code again.
 */
export const versionsApart = (
  contract: OtherContract | undefined,
  workflow: AnyWorkflow | undefined,
  since: number
): string | undefined => {
  if (contract === undefined) return undefined
  const { task, fingerprint, worker } = contract
  const own = workflow?.["~arpeggio"].tasks.get(task)?.fingerprint
  if (own === undefined || givesSame(own, fingerprint)) return undefined
  const apart = `${task} was executed on worker ${worker} with version ${fingerprint} of its contract, and this process has ${own}.`
  return `${apart} ${remedy(contract, since)}`
}

const remedy = ({ worker, since: began }: OtherContract, since: number): string => {
  if (Math.abs(began - since) <= atOnce) {
    return "Both processes were started at the same time: deploy one version of the contract to both."
  }
  return began > since
    ? `The worker was started later (${at(began)}, this process at ${at(since)}), so most likely this process has the older code: deploy the newer version here and start it again, then attach to the run.`
    : `The worker was started earlier (${at(began)}, this process at ${at(since)}), so most likely ${worker} has the older code: deploy the newer version to the workers and start them again; this outcome can be read by a process that has the older one.`
}

const at = (time: number): string => new Date(time).toISOString()
