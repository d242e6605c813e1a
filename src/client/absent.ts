/** What a caller is told of a run of which nothing is stored. */
import { inWords } from "../define/duration.ts"
import { startedAt } from "../encode/ids.ts"
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import { leastKeep, type Records } from "../engine/index.ts"
import { ResultExpired, UnknownRun } from "../result/errors.ts"

/** The error says what is known for sure, and no more. */
export const absent = (
  { broker, namespace }: Records,
  address: RunAddress,
  known: "unknown" | "forgotten"
): UnknownRun | ResultExpired => {
  const run = runIdOf(address)
  const at = startedAt(address.run)
  const since = new Date(at).toISOString()
  if (known === "forgotten") {
    return new ResultExpired({
      run,
      message: `the outcome of run ${run} is no longer kept: it was started at ${since}, longer ago than its outcome was to be kept, or its records were removed. Keep outcomes longer with connect({ retention }) where runs are started, or store what matters in the task itself.`
    })
  }
  const compare = "Compare namespace and server with those of the process that started it"
  // No outcome is kept for less than that.
  const message =
    broker.now() - at < leastKeep
      ? `nothing is known of run ${run}: its start was never accepted in this namespace, or the id is wrong. ${compare}.`
      : `nothing is stored of run ${run} in namespace "${namespace}": its start was never accepted here, or its outcome is no longer kept (it would have been started at ${since}). ${compare}; how long outcomes are kept is the retention given there (${inWords(3_600_000)} unless it says otherwise).`
  return new UnknownRun({ run, message })
}
