/** The options by which every command that talks to the broker finds it, and the connection that they give. */
import { readFileSync } from "node:fs"
import type { Command } from "commander"
import type { App } from "../client/app.ts"
import type { ConnectOptions } from "../client/connect.ts"
import type { BrokerOptions } from "../nats/open.ts"
import { type Lasting, durationOf } from "./typed.ts"
import { misused } from "./exits.ts"
import { type Format, remark } from "./output.ts"

/** What these options are when they are read. */
export interface Where extends Format {
  readonly server?: string
  readonly creds?: string
  readonly namespace?: string
  readonly timeout?: Lasting
  readonly owner?: string
}

/** Adds the options that say where the broker is. */
export const located = (command: Command): Command =>
  command
    .option(
      "--server <urls>",
      "the NATS server, or several with commas (default: NATS_URL, else the project's own)"
    )
    .option("--creds <file>", "a .creds file that says who we are")
    .option(
      "--namespace <name>",
      "the namespace (default: ARPEGGIO_NAMESPACE, else the project's package name)"
    )

/** Adds those options, and what a client may say besides. */
export const connecting = (command: Command): Command =>
  located(command)
    .option("--timeout <duration>", "how long the broker may take to answer, as 10s", durationOf)
    .option("--json", "print one JSON document")

/** Adds the option that says whose runs or schedules are meant. */
export const owned = (command: Command): Command =>
  command.option("--owner <name>", "whose runs and schedules these are", "app")

/** The same as the library takes it. */
export const brokerOptions = ({ server, creds, namespace }: Where): BrokerOptions => ({
  ...(server === undefined ? {} : { servers: server.split(",") }),
  ...(creds === undefined ? {} : { authentication: { credentials: credentialsIn(creds) } }),
  ...(namespace === undefined ? {} : { namespace })
})

const credentialsIn = (file: string): string => {
  try {
    return readFileSync(file, "utf8")
  } catch (cause) {
    throw misused(`--creds: ${file} cannot be read (${(cause as Error).message})`)
  }
}

/** Connects, lets `work` do what it has to, and lets go of the connection. A server is started only where `starts` says so. */
export const withApp = async <A>(
  where: Where,
  work: (app: App) => Promise<A>,
  more: ConnectOptions = { embedded: false }
): Promise<A> => {
  const { connect } = await import("../client/connect.ts")
  const { owner, timeout } = where
  const app = await opened(() =>
    connect({
      ...brokerOptions(where),
      ...(owner === undefined ? {} : { owner }),
      ...(timeout === undefined ? {} : { timeout }),
      print: remark,
      ...more
    })
  )
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

/** The library speaks of its options, which somebody at a prompt has not given. */
const opened = async (connect: () => Promise<App>): Promise<App> => {
  try {
    return await connect()
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const message = cause.message.replace(/ `embedded: false` forbids .*$/s, notStarted)
    if (message === cause.message) throw cause
    throw Object.assign(Object.create(cause) as Error, { message })
  }
}

const notStarted =
  " Start a worker of this project (arpeggio worker), which starts one in development; or name a server with --server or NATS_URL (2.14 or newer, with JetStream)."
