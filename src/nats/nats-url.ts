/** Says of an address that is in no program where it is. */
import { BrokerError } from "../broker/errors.ts"

/** An error about the servers that `NATS_URL` names. */
export const ofVariable = (cause: unknown): unknown =>
  cause instanceof BrokerError
    ? new BrokerError({
        reason: cause.reason,
        message: `${cause.message} (The address is in the variable NATS_URL.)`
      })
    : cause
