/** When a call may begin, and until when it has to have begun: checked and turned into plain data. */
import {
  type HowLong,
  inWords,
  ofMilliseconds,
  receivedDuration,
  wholeMilliseconds,
  type WithUnit,
  year
} from "./duration.ts"
import { received } from "./describe-value.ts"

/** What may be said of when a call begins. `Eta` is there for what the compiler says of an `eta` beside a `delay`. */
export interface TimeOptions<Eta = Date> {
  /**
   * Not before so long after the call could be queued, for example "10 seconds": counted from the start of the run, or from
   * the end of the step before. Up to ten years. Default: what the contract says, else none.
   */
  readonly delay?: HowLong<WithUnit<"delay">>
  /** Not before this moment; one that has passed means at once. In the place of `delay`. Default: none. */
  readonly eta?: Eta
  /**
   * What has not begun by then is not begun any more, and has ended as `Expired`: so long after the call could be queued, or
   * after its `eta` ("5 minutes"), or at a moment (a `Date`). Default: what the contract says, else never, which is also
   * `Duration.infinity`.
   */
  readonly expires?: HowLong<WithUnit<"expires">> | Date
}

/** When something ends that has not begun; milliseconds, or epoch milliseconds. */
export type Expiry = { readonly after: number } | { readonly at: number }

/** When a call begins and expires, as it stands in a plan: milliseconds, and epoch milliseconds. */
export interface Times {
  readonly delay?: number
  readonly eta?: number
  readonly expires?: Expiry
}

/** What options say of the times of a call, of which some is to be taken away: `delay: 0`, and an expiry that never comes. */
export interface Told extends Omit<Times, "expires"> {
  readonly expires?: Expiry | "never"
}

/** What the compiler says where both `delay` and `eta` are given. */
export type DelayBesideEta =
  "delay and eta both say when a call may begin: give it one of them, and leave the other out"

const delayBesideEta: DelayBesideEta =
  "delay and eta both say when a call may begin: give it one of them, and leave the other out"

const known = ["delay", "eta", "expires"] as const

const longest = 10 * year

/** What options say, or what is wrong with them. */
export const timesTold = ({ delay, eta, expires }: TimeOptions): Told | string => {
  if (delay !== undefined && eta !== undefined) return delayBesideEta
  const wait = delay === undefined ? undefined : lengthOf("delay", delay)
  if (typeof wait === "string") return wait
  if (eta !== undefined && !isMoment(eta)) {
    return `eta is a valid Date, for example new Date("2027-01-01T08:00:00Z"), not ${received(eta)}`
  }
  const ends = expires === undefined ? undefined : expiryOf(expires)
  if (typeof ends === "string" && ends !== "never") return ends
  return {
    ...(wait === undefined ? {} : { delay: wait }),
    ...(eta === undefined ? {} : { eta: eta.getTime() }),
    ...(ends === undefined ? {} : { expires: ends })
  }
}

/** Milliseconds of a wait, or what is wrong with it. */
export const lengthOf = (name: string, given: HowLong<string>): number | string => {
  const milliseconds = wholeMilliseconds(given)
  return milliseconds >= 0 && milliseconds <= longest
    ? milliseconds
    : `${name} is a duration of at most ten years, for example "10 seconds", not ${receivedDuration(given)}`
}

export const isMoment = (given: unknown): given is Date =>
  given instanceof Date && !Number.isNaN(given.getTime())

const expiryOf = (expires: HowLong<string> | Date): Expiry | string => {
  if (expires instanceof Date) {
    const at = expires.getTime()
    return Number.isNaN(at) ? "expires is not a valid date" : Object.freeze({ at })
  }
  const after = wholeMilliseconds(expires)
  if (after === Infinity) return "never"
  return after > 0 && after <= longest
    ? Object.freeze({ after })
    : `expires is a duration above zero and of at most ten years, for example "5 minutes", or a Date, not ${receivedDuration(expires)}`
}

/** What is said of a call, in the place of what was said of it before. */
export const timesWith = (before: Times, { delay, eta, expires }: Told): Times => {
  const moved = delay !== undefined || eta !== undefined
  const begins = moved ? { delay, eta } : { delay: before.delay, eta: before.eta }
  const ends = expires ?? before.expires
  return {
    ...(begins.delay === undefined || begins.delay === 0 ? {} : { delay: begins.delay }),
    ...(begins.eta === undefined ? {} : { eta: begins.eta }),
    ...(ends === undefined || ends === "never" ? {} : { expires: ends })
  }
}

/** Why a call with these could never begin, if so. */
export const whyNever = ({ delay, eta, expires }: Times): string | undefined => {
  if (expires === undefined) return undefined
  if ("after" in expires) {
    return delay === undefined || expires.after > delay
      ? undefined
      : `it expires ${inWords(expires.after)} after it could be queued, and is delayed by ${inWords(delay)}: it could never begin. Let it expire later than that`
  }
  return eta === undefined || expires.at > eta
    ? undefined
    : `it expires at ${new Date(expires.at).toISOString()}, and may begin at ${new Date(eta).toISOString()}: it could never begin. Let it expire later than that`
}

/** Something without what is said here. */
export const withoutTimes = <A extends Told>(given: A): Omit<A, keyof Times> =>
  Object.fromEntries(
    Object.entries(given).filter(([name]) => !(known as ReadonlyArray<string>).includes(name))
  ) as Omit<A, keyof Times>

/** Times in JSON of unknown origin as the options that they stand for. */
export const timesGiven = ({
  delay,
  eta,
  expires
}: {
  readonly [name: string]: unknown
}): TimeOptions => {
  const { at, after } = Object(expires) as { readonly at?: unknown; readonly after?: unknown }
  const ends = typeof at === "number" ? new Date(at) : ofMilliseconds(after)
  return {
    ...(delay === undefined ? {} : { delay: ofMilliseconds(delay) }),
    ...(eta === undefined ? {} : { eta: typeof eta === "number" ? new Date(eta) : (eta as Date) }),
    ...(expires === undefined ? {} : { expires: ends })
  }
}
