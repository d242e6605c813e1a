/** Where a run stands; what cannot be read is told in the words of a caller. */
import { Unreadable } from "../encode/codec.ts"
import type { RunAddress } from "../encode/subjects.ts"
import { standing as standingIn, type Known, type Records } from "../engine/index.ts"
import { unreadableResult } from "./unreadable.ts"

export const standing = async (
  records: Records,
  address: RunAddress,
  keep: number,
  accepted: boolean
): Promise<Known | "newer"> => {
  try {
    return await standingIn(records, address, keep, accepted)
  } catch (cause) {
    throw cause instanceof Unreadable ? unreadableResult(address, cause) : cause
  }
}
