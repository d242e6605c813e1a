/** What may be said about a task as a whole or about one call of it, checked and turned into plain data. */
import {
  type HowLong,
  type WithUnit,
  receivedDuration,
  wholeMilliseconds,
  year
} from "./duration.ts"
import { orMeant } from "./known.ts"
import { whyNotQueue } from "./name.ts"
import { received } from "./describe-value.ts"
import { retryPolicyOf, type RetryOptions, type RetryPolicy, type RetryWords } from "./retry.ts"
import { type TimeOptions, type Told, timesTold } from "./times.ts"

/** Overrides that travel with one call. */
export interface CallOptions<
  On extends ReadonlyArray<unknown> = ReadonlyArray<string>,
  Eta = Date
> extends TimeOptions<Eta> {
  /** Where the call goes. Default: its task's queue. */
  readonly queue?: string
  /** How long one attempt may take, up to a year, for example "30 seconds". Default: what the contract says, else the worker. */
  readonly timeout?: HowLong<WithUnit<"timeout">>
  /** Whether and when a failed attempt is followed by another. Default: what the contract says. */
  readonly retry?: RetryOptions<On> | RetryWords
  /** Text handed to the handler as `step().headers`. Default: none. */
  readonly headers?: { readonly [name: string]: string }
}

/** The same as it stands in a plan. */
export interface CallPolicy extends Told {
  readonly queue?: string
  readonly timeout?: number
  readonly retry?: RetryPolicy
  readonly headers?: { readonly [name: string]: string }
}

const known = new Set(["queue", "timeout", "retry", "headers", "delay", "eta", "expires"])

export const isCallOption = (name: string): boolean => known.has(name)

/** The policy that options stand for, or what is wrong with them. */
export const policyOf = (options: CallOptions<ReadonlyArray<unknown>>): CallPolicy | string => {
  const stranger = Object.keys(options).find((name) => !known.has(name))
  if (stranger !== undefined)
    return `there is no option ${stranger}: ${orMeant(stranger, known)}; key and deadline are for what is started`
  const { queue, timeout, retry, headers } = options
  const wrong = queue === undefined ? undefined : whyNotQueue(queue)
  if (wrong !== undefined) return `${wrong}, not ${received(queue)}`
  const milliseconds = timeout === undefined ? undefined : timeoutOf(timeout)
  if (typeof milliseconds === "string") return milliseconds
  const again = retry === undefined ? undefined : retryPolicyOf(retry)
  if (typeof again === "string") return again
  const bad = headers === undefined ? undefined : whyNotHeaders(headers)
  if (bad !== undefined) return bad
  const times = timesTold(options)
  if (typeof times === "string") return times
  return {
    ...(queue === undefined ? {} : { queue }),
    ...(milliseconds === undefined ? {} : { timeout: milliseconds }),
    ...(again === undefined ? {} : { retry: again }),
    ...(headers === undefined ? {} : { headers: Object.freeze({ ...headers }) }),
    ...times
  }
}

/** Milliseconds, or what is wrong. */
export const timeoutOf = (timeout: HowLong<string>): number | string => {
  const milliseconds = wholeMilliseconds(timeout)
  return milliseconds > 0 && milliseconds <= year
    ? milliseconds
    : `timeout is a duration above zero and of at most a year, for example "30 seconds", not ${receivedDuration(timeout)}`
}

const whyNotHeaders = (headers: object): string | undefined => {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!-9;-~]+$/.test(name) || name === "__proto__") {
      return `a header's name is printable ASCII without spaces or colons, not ${received(name)}`
    }
    if (/^nats-/i.test(name)) return `headers that begin with Nats- belong to the broker: ${name}`
    if (typeof value !== "string") return `header ${name} is text, not ${received(value)}`
  }
  return undefined
}
