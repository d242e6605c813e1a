/** When a failed attempt is followed by another, and after how long: plain data that travels. */
import {
  type HowLong,
  type WithUnit,
  receivedDuration,
  wholeMilliseconds,
  year
} from "./duration.ts"
import { received } from "./describe-value.ts"

/** A class, as `retry.on` lists it. */
export type ThrownClass = abstract new (...input: never) => unknown

/** A retry policy as it is written. */
export interface RetryOptions<On extends ReadonlyArray<unknown> = ReadonlyArray<string>> {
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
  /**
   * What is retried: tags of declared errors, "Crashed" and "TimedOut"; in a contract also classes, such as `TypeError`, of
   * what is thrown without being declared. Default: "Crashed" and "TimedOut", which are not errors that a contract declares
   * under these names.
   */
  readonly on?: On
}

/** What the compiler says of a bare number; no text is a policy. */
export type RetryWords = "retry is an object such as { times: 3 }"

/** A retry policy as it stands in a plan; times in milliseconds. */
export interface RetryPolicy {
  readonly times: number
  readonly backoff: "constant" | "linear" | "exponential"
  readonly initial: number
  readonly max: number
  readonly jitter: number
  readonly on: ReadonlyArray<string>
  /** Of a contract alone, in the process that declares it: classes do not travel. */
  readonly classes?: ReadonlyArray<ThrownClass>
}

/** What a contract may list in `retry.on`, each as it is or as the sentence that says why it cannot stand there. */
export type RetriedOn<On extends ReadonlyArray<unknown>, Err> = {
  readonly [K in keyof On]: On[K] extends ThrownClass ? On[K] : RetriedTag<On[K], Err>
}

/** What a call may list in `retry.on`, whose options travel; each as it is or as the sentence that says why it cannot stand there. */
export type CallRetriedOn<On extends ReadonlyArray<unknown>, Err> = {
  readonly [K in keyof On]: On[K] extends ThrownClass
    ? "a class does not travel with a call: list it in retry.on of the contract"
    : RetriedTag<On[K], Err>
}

/** A text that is known at run time alone is checked there. */
type RetriedTag<Tag, Err> = Tag extends string
  ? string extends Tag
    ? Tag
    : Tag extends TagOf<Err> | "Crashed" | "TimedOut"
      ? Tag
      : `retry.on names ${Tag}, which is not among the errors: declare it there, or list the class of what is thrown`
  : "retry.on lists tags and classes of errors"

type TagOf<Err> = Err extends { readonly _tag: infer Tag } ? Tag : never

/** What can be retried without being declared. */
export const undeclared: ReadonlyArray<string> = ["Crashed", "TimedOut"]

const known = new Set(["times", "backoff", "initial", "max", "jitter", "on"])
const backoffs = new Set(["constant", "linear", "exponential"])

/** The policy that options stand for, or what is wrong with them. */
export const retryPolicyOf = (
  options: RetryOptions<ReadonlyArray<unknown>> | RetryWords
): RetryPolicy | string => {
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
  if (!Array.isArray(on)) {
    return `retry.on is a list such as ["Crashed", "TimedOut"], not ${received(on)}`
  }
  const stray = on.findIndex((one) => typeof one !== "string")
  if (isClass(on[stray])) {
    return `retry.on lists the class ${on[stray].name}, which does not travel with a call: list it in the contract`
  }
  if (stray >= 0) {
    return `retry.on lists tags of errors and, in a contract, classes: retry.on[${stray}] is ${received(on[stray])}`
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

const isClass = (value: unknown): value is ThrownClass =>
  typeof value === "function" && typeof value.prototype === "object" && value.prototype !== null

/** What `retry.on` of a contract lists, with its classes apart. That of a declared error stands for its tag. */
export const classesApart = (
  on: unknown,
  tagOf: (listed: ThrownClass) => string | undefined
): { readonly on: unknown; readonly classes: ReadonlyArray<ThrownClass> } => {
  if (!Array.isArray(on)) return { on, classes: [] }
  const classes = on.filter((one) => isClass(one) && tagOf(one) === undefined)
  const others = on.filter((one) => !classes.includes(one))
  return { on: others.map((one) => (isClass(one) ? tagOf(one) : one)), classes }
}

/** Whether a policy lists the class of what was thrown, or its name: it may come from another copy of that class. */
export const listsClassOf = (policy: RetryPolicy | undefined, thrown: unknown): boolean =>
  policy?.classes?.some((listed) => {
    try {
      if (thrown instanceof listed) return true
      const name = (thrown as { readonly name?: unknown } | undefined)?.name
      return name !== "" && name === listed.name
    } catch {
      // Of some things that can be thrown nothing can be asked.
      return false
    }
  }) === true

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
