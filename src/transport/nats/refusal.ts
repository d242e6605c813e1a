/** Why a server that let us in will not do, said for the person who started the program. */
import type { ServerInfo } from "@nats-io/transport-node"
import type { BrokerError } from "../failure.ts"
import { failure } from "./failures.ts"

const required = { level: 4, version: "2.14.0" }

/** A server older than what we need ignores in silence what it does not know: it must be refused here. */
export const unfit = (
  server: string,
  info: ServerInfo & { readonly api_lvl?: number }
): BrokerError | undefined => {
  if ((info.api_lvl ?? 0) < required.level) {
    return failure(
      "TooOld",
      `found nats-server ${info.version} at ${server}, Arpeggio needs ${required.version} or newer: upgrade that server, point NATS_URL at a newer one, or allow the embedded one (\`embedded: true\`).`
    )
  }
  if (info.jetstream !== true) {
    return failure(
      "NoJetStream",
      `the nats-server ${info.version} at ${server} runs without JetStream: start it with \`nats-server -js\`, or with a \`jetstream {}\` block in its configuration.`
    )
  }
  return undefined
}
