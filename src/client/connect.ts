/** Connects to NATS and gives the `App` from which workflows are run. */
import { openForClient, type BrokerOptions } from "../transport/nats/open.ts"
import { appOf, type App, type AppOptions } from "./app.ts"
import { Runs } from "./runs.ts"

/** How `connect` finds the broker, and how its runs behave. */
export interface ConnectOptions extends BrokerOptions, AppOptions {}

/**
 * Connects to NATS: the `servers` option, else `NATS_URL`, else the server this project started, else one on
 * 127.0.0.1:4222, else, in development only, one that is started here.
 *
 * Rejects with a `BrokerError` that says what was found and what to do, and with a `ContractError` for options that cannot be.
 *
 * @example
 * await using app = await connect()
 * const answer = await app.run(chain(add(4, 2), mul(3))) // 18
 */
export const connect = async (options: ConnectOptions = {}): Promise<App> => {
  const { broker, close } = await openForClient(options)
  try {
    const runs = new Runs(broker, options)
    await runs.open()
    return appOf(runs, close)
  } catch (cause) {
    await close()
    throw cause
  }
}
