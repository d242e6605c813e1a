/** The pauses between attempts to connect, also when somebody sets the clock of this machine. */
import type { NatsConnection } from "@nats-io/transport-node"
import { elapsed } from "../broker/time.ts"
import { forgetAttempts } from "./internals.ts"

/** In milliseconds; half of it is left to chance, so that those who lost a server together do not come back in step. */
const shortest = 250

/** When the machine's clock goes back by more, in milliseconds, moments that were noted before are in the future. */
const leap = 100

/**
 * Asked by the client library before every attempt. It notes by the machine's clock when a server was last tried, and tries it
 * again when the pause since then is over: after that clock was set back by an hour it would wait for an hour.
 */
export const makePause = (connection: () => NatsConnection | undefined): (() => number) => {
  let drift = Date.now() - elapsed()
  return () => {
    const before = drift
    drift = Date.now() - elapsed()
    const opened = connection()
    if (opened !== undefined && before - drift > leap) forgetAttempts(opened)
    return shortest + Math.floor(Math.random() * shortest)
  }
}
