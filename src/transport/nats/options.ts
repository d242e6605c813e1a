/** What is needed to reach a NATS server and a namespace on it. */
import type { NodeConnectionOptions } from "@nats-io/transport-node"
import type { BrokerFacts } from "../broker.ts"
import type { Profile } from "../durability.ts"

/** Passed to the client library as it is; `credentials` is the text of a `.creds` file. */
export interface NatsAuthentication extends Pick<
  NodeConnectionOptions,
  "user" | "pass" | "token" | "authenticator" | "tls"
> {
  readonly credentials?: string
}

export interface NatsOptions {
  readonly servers: string | ReadonlyArray<string>
  readonly namespace: string
  /** The JetStream domain that the stream is in. Default: that of the connected server. */
  readonly domain?: string
  /** Copies of the stream. Default: 1 when it is created, whatever it has when it exists. */
  readonly replicas?: 1 | 3
  /** The durability that is required; `ha` asks for three copies. */
  readonly profile?: Profile
  /** How the server writes to disk, when the caller knows; it is only repeated in the broker's facts. */
  readonly sync?: BrokerFacts["sync"]
  readonly authentication?: NatsAuthentication
  /** Where it is told that the connection is lost, and that it is back. Default: nowhere. */
  readonly say?: (line: string) => void
  /** Shown in the server's list of connections. Default: `arpeggio`. */
  readonly name?: string
}

/** A server's address without the user and password it may contain. */
export const readable = (server: string): string => server.replace(/^([a-z]+:\/\/)?[^/@]*@/, "$1")

export const serversOf = (options: NatsOptions): ReadonlyArray<string> =>
  typeof options.servers === "string" ? options.servers.split(",") : options.servers

const plain = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that was meant as one.
    return text
  }
}

/** User and password (or token) from the first address that carries them: the client library ignores them there. */
const fromAddress = (
  servers: ReadonlyArray<string>
): Pick<NatsAuthentication, "user" | "pass" | "token"> => {
  for (const server of servers) {
    const user = /^(?:[a-z]+:\/\/)?([^/@]+)@/.exec(server)?.[1]
    if (user === undefined) continue
    const [name, ...rest] = user.split(":").map(plain)
    return rest.length === 0 ? { token: name! } : { user: name!, pass: rest.join(":") }
  }
  return {}
}

export const authenticationOf = (options: NatsOptions): NatsAuthentication => ({
  ...fromAddress(serversOf(options)),
  // The library takes the scheme off, and would go on without where the server does not insist.
  ...(serversOf(options).some((server) => /^(tls|wss):/i.test(server)) ? { tls: {} } : {}),
  ...options.authentication
})
