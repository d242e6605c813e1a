/** Finds a server and connects to the namespace on it; closing gives back both. */
import type { Broker } from "../broker/broker.ts"
import type { Profile } from "../broker/durability.ts"
import { noticesOf } from "../broker/notices.ts"
import { runAsOurs } from "../define/context.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import { checkedPrint } from "../define/print.ts"
import { connectNats } from "./broker.ts"
import { checkDomain } from "./domain.ts"
import type { FindServer } from "./found-server.ts"
import { checkMaxBytes, type MaxBytes } from "./max-bytes.ts"
import { namespaceFor } from "./namespace.ts"
import { ofVariable } from "./nats-url.ts"
import type { NatsAuthentication } from "./options.ts"
import { whyNotRequired, whyNotSynced } from "./profile.ts"
import type { Timing } from "./timing.ts"

/** Where the work is: which server, which namespace. */
export interface BrokerOptions {
  /** One URL or several. Default: `NATS_URL`, else the server this project started, else one on 127.0.0.1:4222, else, in development, one started here. */
  readonly servers?: string | ReadonlyArray<string>
  /** Separates applications on one server: 1 to 32 letters, digits, `-` and `_`. Default: `ARPEGGIO_NAMESPACE`, else the project's package name. */
  readonly namespace?: string
  /**
   * The JetStream domain that holds the namespace: for processes on one side of a leaf node that use the other side's
   * JetStream. Default: that of the server they connect to.
   */
  readonly domain?: string
  /** User and password, token, `.creds` text or TLS, as the NATS client library takes them. */
  readonly authentication?: NatsAuthentication
  /** Copies of every record, when the stream is created. Default: 3 with profile `ha`, else 1. */
  readonly replicas?: 1 | 3
  /**
   * For accounts that require `max_bytes` of their streams: `"account"` gives the stream, when it is created, the whole
   * storage of the account, which must have a limit; one copy only. Default: no size of its own.
   */
  readonly maxBytes?: MaxBytes
  /** What is required of the broker when power or a disk fails: `dev`, `single` or `ha`. Default: nothing; what was found is said at the start. */
  readonly profile?: Profile
  /**
   * `true`: the project's own nats-server, whatever `NATS_URL` says. `false`: none is started; one that another process of
   * the project has started is used all the same. Default: one is started where nothing looks like a deployment.
   */
  readonly embedded?: boolean
  /** Where notices go, a line each. Default: standard error. */
  readonly print?: (line: string) => void
}

/** For whoever checks options that these are a part of. */
export const brokerNames: Names<BrokerOptions> = {
  servers: true,
  namespace: true,
  domain: true,
  authentication: true,
  replicas: true,
  maxBytes: true,
  profile: true,
  embedded: true,
  print: true
}

const authenticationNames: Names<NatsAuthentication> = {
  user: true,
  pass: true,
  token: true,
  authenticator: true,
  tls: true,
  credentials: true
}

/** A broker and all that was opened for it. */
export interface OpenBroker {
  readonly broker: Broker
  /** Ends within about so many milliseconds, whatever the broker does. Default: two seconds. */
  readonly close: (most?: number) => Promise<void>
}

/** `find`: how the server is found once the options are known to be sound; `timing`: where it differs from the usual. */
export const openBroker = async (
  options: BrokerOptions,
  find: FindServer,
  timing: Partial<Timing> = {}
): Promise<OpenBroker> => {
  const { profile, replicas, domain, maxBytes } = options
  const say = checkedPrint(options.print)
  checkDomain(domain)
  checkMaxBytes(maxBytes)
  refuseUnknown("authentication", options.authentication, authenticationNames)
  const namespace = namespaceFor(options.namespace)
  const contradiction = whyNotRequired(profile, replicas)
  if (contradiction !== undefined) throw contradiction
  const server = await find({
    ...(options.servers === undefined ? {} : { servers: options.servers }),
    ...(options.embedded === undefined ? {} : { embedded: options.embedded }),
    ...(profile === "single" ? { sync: "always" } : {}),
    say
  })
  try {
    const late = whyNotSynced(profile, server.sync)
    if (late !== undefined) throw late
    const { authentication } = options
    const reach = {
      servers: server.servers,
      namespace,
      sync: server.sync,
      say,
      ...(domain === undefined ? {} : { domain }),
      ...(replicas === undefined ? {} : { replicas }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(profile === undefined ? {} : { profile }),
      ...(authentication === undefined ? {} : { authentication })
    }
    const broker = await connectNats(reach, timing)
    const end = async (most?: number): Promise<void> => {
      await broker.close(most)
      await server.release(most)
    }
    // What it asks of a broker that does not answer stays open for ever.
    const close = (most?: number): Promise<void> => runAsOurs(() => end(most))
    return { broker, close }
  } catch (cause) {
    await server.release()
    throw server.source === "environment" ? ofVariable(cause) : cause
  }
}

/** The same for a client, which prints no banner: what a person should know is said in a line. */
export const openForClient = async (
  options: BrokerOptions,
  find: FindServer,
  timing: Partial<Timing> = {}
): Promise<OpenBroker> => {
  const opened = await openBroker(options, find, timing)
  for (const line of noticesOf(opened.broker.facts)) checkedPrint(options.print)(line)
  return opened
}
