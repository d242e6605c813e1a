/**
 * Finds the NATS server this process works with, in this order: the `servers` option; `NATS_URL`; the server this
 * project already started; one on 127.0.0.1:4222 that is new enough, has JetStream and lets us in;
 * and last, in development only, one started here.
 */
import { printNotice } from "../define/print.ts"
import { listed } from "../nats/address.ts"
import type { FindServer, FoundServer } from "../nats/found-server.ts"
import { ofVariable } from "../nats/nats-url.ts"
import { deploymentSign } from "./deployment.ts"
import { probeLocal } from "./local.ts"
import { projectAt } from "./project.ts"
import { openSession, type Session } from "./session.ts"
import { preferredPort } from "./settings.ts"
import { unreachable } from "./unreachable.ts"

const foreign = (
  source: "option" | "environment" | "local",
  servers: ReadonlyArray<string>
): FoundServer => ({
  servers,
  source,
  embedded: false,
  sync: "unknown",
  release: async () => {}
})

const own = (session: Session): FoundServer => ({
  servers: [session.url],
  source: session.binary === undefined ? "project" : "embedded",
  embedded: true,
  sync: session.sync,
  ...(session.binary === undefined ? {} : { binary: session.binary }),
  release: (most) => session.release(most)
})

const refusal = (sign: string | undefined): string =>
  sign === undefined
    ? "`embedded: false` forbids starting one. Set NATS_URL to a server (2.14 or newer, with JetStream), start one on this machine, or leave out `embedded: false` in development."
    : `This looks like a deployment: ${sign}. Here none is started, because each process would accept work into a private broker that no worker reads. ` +
      "Set NATS_URL (or the `servers` option) to your NATS server; if this is a development machine after all, pass `embedded: true`."

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
  const sign = embedded === undefined ? deploymentSign(environment) : undefined
  const wanted = {
    project: projectAt(options.directory ?? process.cwd()),
    environment,
    mayStart: embedded !== false && sign === undefined,
    sync: options.sync ?? "interval",
    say: options.say ?? printNotice
  }
  const present = await openSession(wanted, "join")
  if (present !== undefined) {
    return own(present)
  }
  const local = await probeLocal(preferredPort(environment), embedded === true)
  if (local.url !== undefined) {
    return foreign("local", [local.url])
  }
  const started = wanted.mayStart ? await openSession(wanted, "start") : undefined
  if (started !== undefined) {
    return own(started)
  }
  throw unreachable(
    `No NATS server reachable: NATS_URL is not set, this project runs none, and ${local.found}. ${refusal(sign)}`
  )
}
