/** Why a server that let us in will not do, said for the person who started the program. */
import type { ServerInfo } from "@nats-io/transport-node"
import type { BrokerError } from "../broker/errors.ts"
import { failure } from "./messages.ts"

/** Of the JetStream API: what a server must offer at least. */
export const apiLevel = 4
const version = "2.14.0"

/** `found` is the server that is too old, as it is found through the one at `server`. */
export const tooOld = (found: string, server: string): BrokerError =>
  failure(
    "TooOld",
    `found ${found} at ${server}, Arpeggio needs nats-server ${version} or newer: upgrade that server, point NATS_URL at a newer one, or allow the embedded one (\`embedded: true\`).`
  )

/** A server older than what we need ignores in silence what it does not know: it must be refused here. */
export const unfit = (
  server: string,
  info: ServerInfo & { readonly api_lvl?: number }
): BrokerError | undefined => {
  if ((info.api_lvl ?? 0) < apiLevel) return tooOld(`nats-server ${info.version}`, server)
  if (info.jetstream !== true) {
    return failure(
      "NoJetStream",
      `the nats-server ${info.version} at ${server} runs without JetStream: start it with \`nats-server -js\`, or with a \`jetstream {}\` block in its configuration.`
    )
  }
  return undefined
}
