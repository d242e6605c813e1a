/** A server that somebody else runs and keeps. */
import type { FoundServer } from "../nats/found-server.ts"

export const foreign = (
  source: "option" | "environment" | "local",
  servers: ReadonlyArray<string>
): FoundServer => ({
  servers,
  source,
  embedded: false,
  sync: "unknown",
  release: async () => {}
})
