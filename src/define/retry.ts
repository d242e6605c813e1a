/** When a failed attempt is followed by another, and after how long: plain data that travels. */
import {
  type HowLong,
  type WithUnit,
  receivedDuration,
  wholeMilliseconds,
  year
} from "./duration.ts"
import { received } from "./received.ts"

/** A retry policy as it is written. */
export interface RetryOptions {
  /** Attempts after the first, at most. */
  readonly times: number
  /** How the wait grows: always `initial`; `initial` more each time; or twice as long each time. Default: exponential. */
  readonly backoff?: "constant" | "linear" | "exponential"
  /** The first wait. Default: "1 second". */
  readonly initial?: HowLong<WithUnit<"initial">>
  /** The longest wait. Default: "10 minutes". */
  readonly max?: HowLong<WithUnit<"max">>
  /** The share of each wait that is left to chance, 0 to 1, so that what failed together does not return together. Default: 0.2. */
  readonly jitter?: number
  /** What is retried: tags of declared errors, "Crashed" and "TimedOut". Default: the last two, which are not errors that a contract declares under these names. */
  readonly on?: ReadonlyArray<string>
}

/** The same as it stands in a plan; times in milliseconds. */
export interface RetryPolicy {
  readonly times: number
  readonly backoff: "constant" | "linear" | "exponential"
  readonly initial: number
  readonly max: number
  readonly jitter: number
  readonly on: ReadonlyArray<string>
}

/** What can be retried without being declared. */
export const undeclared: ReadonlyArray<string> = ["Crashed", "TimedOut"]

const known = new Set(["times", "backoff", "initial", "max", "jitter", "on"])
const backoffs = new Set(["constant", "linear", "exponential"])

/** The policy that options stand for, or what is wrong with them. */
export const retryPolicyOf = (options: RetryOptions): RetryPolicy | string => {
  if (typeof options !== "object" || options === null) {
    return `retry is an object such as { times: 3 }, not ${received(options)}`
  }
  const stranger = Object.keys(options).find((name) => !known.has(name))
  if (stranger !== undefined) return `retry has no ${stranger}: it has ${[...known].join(", ")}`
  const { times, backoff = "exponential", jitter = 0.2, on = undeclared } = options
  if (!Number.isInteger(times) || times < 0 || times > 10_000) {
    return `retry.times is a whole number from 0 to 10000, not ${received(times)}`
  }
  if (!backoffs.has(backoff)) {
    return `retry.backoff is constant, linear or exponential, not ${received(backoff)}`
  }
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1)) {
    return `retry.jitter is a number from 0 to 1, not ${received(jitter)}`
  }
  if (!Array.isArray(on) || !on.every((tag) => typeof tag === "string")) {
    return `retry.on is a list of tags such as ["Crashed"], not ${received(on)}`
  }
  const initial = wait(options.initial ?? "1 second")
  const max = wait(options.max ?? "10 minutes")
  if (initial === undefined) return notAWait("initial", options.initial)
  if (max === undefined) return notAWait("max", options.max)
  return Object.freeze({ times, backoff, initial, max, jitter, on: Object.freeze([...on]) })
}

const notAWait = (name: string, given: unknown): string =>
  `retry.${name} is a duration from 0 to a year, for example "2 seconds", not ${receivedDuration(given)}`

const wait = (input: HowLong<string>): number | undefined => {
  const milliseconds = wholeMilliseconds(input)
  return milliseconds >= 0 && milliseconds <= year ? milliseconds : undefined
}

/**
 * An error may be declared under a name of ours. It is retried where the policy lists it, not because ours are by default:
 * so a policy that was written for such a task says so in a way that no tag can be spelled.
 */
const asDeclared = (tag: string): string => `declared ${tag}`

/** The policy for a task that declares errors with these tags. `given` is the list that was written, if one was. */
export const policyAmong = (
  policy: RetryPolicy,
  given: ReadonlyArray<string> | undefined,
  declared: ReadonlySet<string>
): RetryPolicy => {
  const ours = (given ?? []).filter((tag) => undeclared.includes(tag) && declared.has(tag))
  return ours.length === 0
    ? policy
    : Object.freeze({ ...policy, on: Object.freeze([...policy.on, ...ours.map(asDeclared)]) })
}

/** Whether a policy follows a failure by another attempt: a declared error with this tag, or "Crashed" and "TimedOut" themselves. */
export const follows = (policy: RetryPolicy, tag: string, isDeclared: boolean): boolean =>
  policy.on.includes(isDeclared && undeclared.includes(tag) ? asDeclared(tag) : tag)

/** The first tag a policy names that the task can never fail with. */
export const strangeTag = (
  policy: RetryPolicy,
  declared: ReadonlySet<string>
): string | undefined => policy.on.find((tag) => !declared.has(tag) && !undeclared.includes(tag))

/** Milliseconds to wait after a failed attempt, counted from 1. `chance` is between 0 and 1. */
export const waitAfter = (policy: RetryPolicy, attempt: number, chance: number): number => {
  const grown = {
    constant: policy.initial,
    linear: policy.initial * attempt,
    exponential: policy.initial * 2 ** Math.min(attempt - 1, 50)
  }[policy.backoff]
  const whole = Math.min(grown, policy.max)
  return Math.round(whole * (1 - policy.jitter * chance))
}
