/** Finds out why nobody answered for the stream: it has no leader now, or it is gone for good. */
import type { BrokerError } from "../broker/errors.ts"
import { serverFailure, streamMissing } from "./error-codes.ts"
import type { Api } from "./api.ts"
import type { Loss } from "./messages.ts"
import type { Timing } from "./timing.ts"

/** The better error, when there is one. Never rejects. */
export type Cause = (error: BrokerError, lost: Loss["cause"] | undefined) => Promise<BrokerError>

export const makeCause =
  (api: Api, stream: string, timing: Timing): Cause =>
  async (error, lost) => {
    if (lost !== "leaderless" || error.reason !== "Unreachable") return error
    const doing = `looking for the stream ${stream}`
    const limits = { patience: timing.attempt }
    const info = await api<object>(`STREAM.INFO.${stream}`, {}, doing, limits).catch(
      () => undefined
    )
    return info?.error?.err_code === streamMissing ? serverFailure(doing, info.error) : error
  }
