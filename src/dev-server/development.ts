/**
 * The server of development, in this order: the one this project already started; one on 127.0.0.1:4222 that is new enough,
 * has JetStream and lets us in; and last, where nothing looks like a deployment, one started here.
 */
import { printNotice } from "../define/print.ts"
import type { FindServer, FoundServer } from "../nats/found-server.ts"
import { deploymentSign } from "./deployment.ts"
import { foreign } from "./foreign.ts"
import { probeLocal } from "./local.ts"
import { projectAt } from "./project.ts"
import { openSession, type Session } from "./session.ts"
import { preferredPort } from "./settings.ts"
import { unreachable } from "./unreachable.ts"

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

/** Finds or starts one. Rejects with a `BrokerError` that says what was tried and what to do. */
export const findInDevelopment: FindServer = async (options) => {
  const { embedded, environment = process.env } = options
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
