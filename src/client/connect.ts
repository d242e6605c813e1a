/** Connects to NATS and gives the `App` from which workflows are run. */
import { type HowLong, type WithUnit, millisecondsOf } from "../define/duration.ts"
import { ContractError } from "../define/errors.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import { received } from "../define/describe-value.ts"
import { findServer } from "../dev-server/find.ts"
import { brokerNames, openForClient, type BrokerOptions, type OpenBroker } from "../nats/open.ts"
import { appNames, appOf, type App, type AppOptions } from "./app.ts"
import { Runs } from "./runs.ts"

/** How `connect` finds the broker, and how its runs behave. */
export interface ConnectOptions extends BrokerOptions, AppOptions {
  /**
   * How long a request waits for the broker while it is away or does not answer, where the call says no `within` of its
   * own: above zero. It does not bound how long a run may take. Default: "1 minute".
   */
  readonly timeout?: HowLong<WithUnit<"timeout">>
}

const names: Names<ConnectOptions> = { ...brokerNames, ...appNames, timeout: true }

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
  const { broker, close } = await openWith("connect", options)
  try {
    const runs = new Runs(broker, options)
    await runs.open()
    return appOf(runs, close)
  } catch (cause) {
    await close()
    throw cause
  }
}

/** Checks the options and opens the broker; `whose` options they are is said in the error. */
export const openWith = async (whose: string, options: ConnectOptions): Promise<OpenBroker> => {
  refuseUnknown(whose, options, names)
  const { timeout } = options
  return openForClient(
    options,
    findServer,
    timeout === undefined ? {} : { overall: patienceOf(timeout) }
  )
}

const patienceOf = (timeout: HowLong<string>): number => {
  const milliseconds = millisecondsOf("timeout", timeout)
  if (milliseconds > 0) return milliseconds
  const message = `timeout is a duration above zero, for example "10 seconds", not ${received(timeout)}: nothing could be asked within none`
  throw new ContractError({ task: "", message })
}
