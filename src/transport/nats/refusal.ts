/** Why a connection could not be made, said for the person who started the program. */
import { errors } from "@nats-io/transport-node"
import type { ServerInfo } from "@nats-io/transport-node"
import type { BrokerError } from "../failure.ts"
import { failure } from "./failures.ts"

/** Of the JetStream API: what a server must offer at least. */
export const apiLevel = 4
const version = "2.14.0"

const said = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  return error.message === "" ? (code ?? error.name) : error.message
}

export const connectionRefused = (server: string, error: unknown): BrokerError => {
  if (
    error instanceof errors.AuthorizationError ||
    error instanceof errors.UserAuthenticationExpiredError
  ) {
    return failure(
      "Refused",
      `the NATS server at ${server} refused us: ${said(error)}. Check the user, password, token or credentials that were given (or give some).`
    )
  }
  return failure(
    "Unreachable",
    `no NATS server could be reached at ${server}: ${said(error)}. Start one (\`nats-server -js\`), point NATS_URL or the \`servers\` option at one that runs, or allow the embedded one (\`embedded: true\`).`
  )
}

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
