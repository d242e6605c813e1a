/**
 * Finds the NATS server this process works with: the `servers` option, else `NATS_URL`, else that of development. Whoever is
 * told where the server is never loads the code that looks for one, or starts it.
 */
import { listed } from "../nats/address.ts"
import type { FindServer } from "../nats/found-server.ts"
import { ofVariable } from "../nats/nats-url.ts"
import { foreign } from "./foreign.ts"
import { unreachable } from "./unreachable.ts"

const namedIn = (environment: NodeJS.ProcessEnv): ReadonlyArray<string> => {
  try {
    return listed(environment["NATS_URL"] ?? "")
  } catch (cause) {
    throw ofVariable(cause)
  }
}

/** Finds or starts a server. Rejects with a `BrokerError` that says what was tried and what to do. */
export const findServer: FindServer = async (options) => {
  const { embedded, environment = process.env } = options
  const given = listed(options.servers ?? [])
  if (given.length > 0) {
    return foreign("option", given)
  }
  if (options.servers !== undefined) {
    throw unreachable(
      "The `servers` option names no server. Give it a URL such as nats://127.0.0.1:4222, or leave it out."
    )
  }
  const named = embedded === true ? [] : namedIn(environment)
  if (named.length > 0) {
    return foreign("environment", named)
  }
  const { findInDevelopment } = await import("./development.ts")
  return findInDevelopment(options)
}
