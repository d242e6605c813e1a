/** What is needed to reach a NATS server and a namespace on it. */
import type { NodeConnectionOptions } from "@nats-io/transport-node"
import type { BrokerFacts } from "../broker/broker.ts"
import type { Profile } from "../broker/durability.ts"
import type { MaxBytes } from "./max-bytes.ts"
import { type Address, secretIn } from "./address.ts"

/** How this process identifies itself to the server, as the NATS client library takes it: `user` and `pass`, a `token`, an `authenticator`, or `tls`. */
export interface NatsAuthentication extends Pick<
  NodeConnectionOptions,
  "user" | "pass" | "token" | "authenticator" | "tls"
> {
  /** The text of a `.creds` file, not its path. */
  readonly credentials?: string
}

export interface NatsOptions {
  readonly servers: string | ReadonlyArray<string>
  readonly namespace: string
  /** The JetStream domain that the stream is in. Default: that of the connected server. */
  readonly domain?: string
  /** Copies of the stream. Default: 1 when it is created, whatever it has when it exists. */
  readonly replicas?: 1 | 3
  /** The stream's size when it is created, for accounts that require one. */
  readonly maxBytes?: MaxBytes
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

/** User, password and all that is said of who we are; what is given expressly counts more than what an address carries. */
export const authenticationOf = (
  { authentication }: NatsOptions,
  addresses: ReadonlyArray<Address>
): NatsAuthentication => ({
  ...secretIn(addresses),
  // The library takes the scheme off, and would go on without where the server does not insist.
  ...(addresses.some(({ server }) => /^tls:/i.test(server)) ? { tls: {} } : {}),
  ...authentication
})
