/** Finds a server and connects to the namespace on it; closing gives back both. */
import type { Broker } from "../broker.ts"
import { connectNats } from "./broker.ts"
import { namespaceFor } from "./namespace.ts"
import type { NatsAuthentication } from "./options.ts"
import { findServer } from "./server/find.ts"

/** Where the work is: which server, which namespace. */
export interface BrokerOptions {
  /** One URL or several. Default: `NATS_URL`, else the server this project started, else one on 127.0.0.1:4222, else, in development, one started here. */
  readonly servers?: string | ReadonlyArray<string>
  /** Separates applications on one server. Default: the project's package name. */
  readonly namespace?: string
  /** User and password, token, `.creds` text or TLS, as the NATS client library takes them. */
  readonly authentication?: NatsAuthentication
  /** Copies of every record, when the stream is created. Default: 1. */
  readonly replicas?: 1 | 3
  /** Whether a nats-server of the project's own may be used. Default: only where nothing looks like a deployment. */
  readonly embedded?: boolean
  /** Where notices go, a line each. Default: standard error. */
  readonly print?: (line: string) => void
}

// oxlint-disable-next-line no-console -- standard output belongs to the program, notices to its developer
export const printNotice = (line: string): void => console.error(line)

/** A broker and all that was opened for it. */
export interface OpenBroker {
  readonly broker: Broker
  readonly close: () => Promise<void>
}

export const openBroker = async (options: BrokerOptions): Promise<OpenBroker> => {
  const namespace = namespaceFor(options.namespace)
  const server = await findServer({
    ...(options.servers === undefined ? {} : { servers: options.servers }),
    ...(options.embedded === undefined ? {} : { embedded: options.embedded }),
    say: options.print ?? printNotice
  })
  try {
    const broker = await connectNats({
      servers: server.servers,
      namespace,
      sync: server.sync,
      say: options.print ?? printNotice,
      ...(options.replicas === undefined ? {} : { replicas: options.replicas }),
      ...(options.authentication === undefined ? {} : { authentication: options.authentication })
    })
    const close = async (): Promise<void> => {
      await broker.close()
      await server.release()
    }
    return { broker, close }
  } catch (cause) {
    await server.release()
    throw cause
  }
}
