/** Whether what is required of a broker's durability can be had, and what to ask for. */
import { received } from "../define/describe-value.ts"
import type { Profile } from "../broker/durability.ts"
import type { BrokerError } from "../broker/errors.ts"
import { failure } from "./messages.ts"

const copies: Record<Profile, 1 | 3> = { dev: 1, single: 1, ha: 3 }

/** Refuses a wish that contradicts itself, or that JavaScript made up. */
export const whyNotRequired = (
  profile: Profile | undefined,
  replicas: number | undefined
): BrokerError | undefined => {
  if (profile === undefined) return undefined
  if (!Object.hasOwn(copies, profile)) {
    return failure("Misconfigured", `profile is "dev", "single" or "ha", not ${received(profile)}`)
  }
  if (replicas === undefined || replicas === copies[profile]) return undefined
  const has = copies[profile] === 1 ? "one copy" : "three copies"
  return failure(
    "Misconfigured",
    `profile "${profile}" means ${has} of every record, and replicas: ${replicas} contradicts it. Leave replicas out, or choose another profile.`
  )
}

/** Refuses a server of this project's own that writes to disk later than is required. */
export const whyNotSynced = (
  profile: Profile | undefined,
  sync: "interval" | "always" | "unknown"
): BrokerError | undefined =>
  profile === "single" && sync === "interval"
    ? failure(
        "Misconfigured",
        'profile "single" is required, but another process has started this project\'s nats-server without it, so it acknowledges before it writes to disk. Stop that process, or give all processes of the project the same profile.'
      )
    : undefined
