/** Where a run stands, also when a newer release has stored its outcome, which is then not guessed at. */
import { isNewer, Unreadable } from "../encode/parcel.ts"
import type { RunAddress } from "../encode/subjects.ts"
import type { Records } from "../engine/records.ts"
import { unreadableResult } from "./unreadable.ts"
import { type Known, lookUp } from "./look-up.ts"

export const standing = async (
  records: Records,
  address: RunAddress,
  keep: number,
  accepted = false
): Promise<Known | "newer"> => {
  try {
    return await lookUp(records, address, keep, accepted)
  } catch (cause) {
    if (isNewer(cause)) return "newer"
    throw cause instanceof Unreadable ? unreadableResult(address, cause) : cause
  }
}
