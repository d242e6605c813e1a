/** What a caller is told of an outcome that this release cannot read: most likely a newer one wrote it. */
import type { Unreadable } from "../encode/codec.ts"
import { runIdOf, type RunAddress } from "../encode/subjects.ts"
import { InvalidResult } from "../result/errors.ts"

/** The error for an outcome that this release cannot read. */
export const unreadableResult = (
  address: RunAddress,
  { why, message }: Unreadable
): InvalidResult => {
  const run = runIdOf(address)
  const said =
    why === "newer"
      ? `the outcome of run ${run} was written by a newer release of Arpeggio than this process has: upgrade it, then attach again (it is ${message})`
      : `the outcome of run ${run} cannot be read: it is ${message}. Something else than Arpeggio has written to its stream.`
  const expected = why === "newer" ? "an outcome that this release reads" : "an outcome"
  return new InvalidResult({ run, path: "outcome", expected, received: message, message: said })
}
