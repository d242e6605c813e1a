/** The one way this stage fails: no server, and what to do about it. */
import { BrokerError } from "../broker/errors.ts"

export const unreachable = (message: string): BrokerError =>
  new BrokerError({ reason: "Unreachable", message })

/** What a thrown thing says about itself, for the end of a sentence. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)
