/** The server somebody else runs on this machine: whether it will do for us, and why not. */
import { probe } from "./probe.ts"
import type { Probe } from "./probe.ts"

/** JetStream's API level of nats-server 2.14, the first that has all we build on. */
const requiredLevel = 4

export interface LocalServer {
  readonly url?: string
  /** What was found instead, as the part of a sentence. */
  readonly found: string
}

const flaw = (found: Probe): string | undefined => {
  if (found.kind === "nothing") {
    return "nothing listens there"
  }
  if (found.kind === "foreign") {
    return "what listens there is not NATS"
  }
  const { info } = found
  if ((info.api_lvl ?? 0) < requiredLevel) {
    return `the nats-server there is ${info.version}, and 2.14.0 is the oldest that will do (update it)`
  }
  if (info.jetstream !== true) {
    return "the nats-server there has no JetStream (start it with -js)"
  }
  if (found.kind === "refused" || info.auth_required === true) {
    return `the nats-server there does not let us in (${found.kind === "refused" ? found.why : "it wants credentials"})`
  }
  // Another project's own server ends with that project's last process, and the work in it.
  return info.server_name?.startsWith("arpeggio-")
    ? "the nats-server there belongs to another project"
    : undefined
}

/** Looks at 127.0.0.1 on the port; not at all when the port is 0 or the look is to be skipped. */
export const probeLocal = async (port: number, skip: boolean): Promise<LocalServer> => {
  if (port === 0 || skip) {
    return { found: "127.0.0.1 was not asked" }
  }
  const reason = flaw(await probe(port))
  return reason === undefined
    ? { url: `nats://127.0.0.1:${port}`, found: "" }
    : { found: `127.0.0.1:${port} is no help: ${reason}` }
}
