/** How long a caller is willing to wait, for whatever is asked. */
import type { HowLong, WithUnit } from "../define/duration.ts"

/**
 * How long to wait. Neither stops a run: it goes on and can be attached to. Both bound everything that is done for the
 * answer, also while the broker is away.
 */
export interface WaitOptions {
  /** Stops waiting; what was asked rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * Stops waiting after this long: with `StillRunning` where the end of a run was waited for, and with a `BrokerError`
   * where the broker was to store or to read something. Default: as long as a run takes, and as long as the client's
   * `timeout` for an answer of the broker.
   */
  readonly within?: HowLong<WithUnit<"within">>
}
