/** What a broker does with an accepted record before it says so, and what a user may require of it. */
import type { BrokerFacts } from "./broker.ts"

/**
 * What is required when power or a disk fails. `dev`: one copy. `single`: one copy, on the disk before it is acknowledged. `ha`: three copies on three servers.
 * What each costs and gives is in docs/operate/profiles.md.
 */
export type Profile = "dev" | "single" | "ha"

/** What the broker does when power or a disk fails, as it was found; never guessed. */
export interface Durability {
  /** The strongest profile that it fulfils; `unknown` where it cannot be known from here how the server writes. */
  readonly profile: Profile | "unknown"
  /** Copies of every record. */
  readonly replicas: number
  /** When the server writes through to the disk; `unknown` of a server that this project did not start. */
  readonly sync: BrokerFacts["sync"]
}

export const durabilityOf = ({ replicas, sync }: BrokerFacts): Durability => ({
  profile: foundOf(replicas, sync),
  replicas,
  sync
})

const foundOf = (replicas: number, sync: BrokerFacts["sync"]): Durability["profile"] => {
  if (replicas >= 3) return "ha"
  if (sync === "unknown") return "unknown"
  return sync === "always" ? "single" : "dev"
}

const strength: Record<Profile, number> = { dev: 0, single: 1, ha: 2 }

/** What to say when less was found than was required, or when that cannot be known. */
export const shortfall = (facts: BrokerFacts): string | undefined => {
  const { required } = facts
  if (required === undefined || required === "dev") return undefined
  const { profile, replicas } = durabilityOf(facts)
  if (profile === "unknown") {
    return `profile "${required}" is required: the stream has one copy, and whether the server at ${facts.server} writes to disk before it acknowledges cannot be known from here. Set \`sync_interval: always\` in the jetstream block of its configuration.`
  }
  return strength[profile] >= strength[required]
    ? undefined
    : `profile "${required}" is required, and only "${profile}" was found (${replicas} ${replicas === 1 ? "copy" : "copies"}).`
}
