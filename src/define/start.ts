/** What may be said about a workflow as a whole, for when it is started: checked and turned into plain data. */
import {
  ofMilliseconds,
  type HowLong,
  type WithUnit,
  receivedDuration,
  wholeMilliseconds,
  year
} from "./duration.ts"
import { received } from "./describe-value.ts"

/** Options of a run. They belong on what is started, not on a part of it. */
export interface StartOptions {
  /**
   * Makes the start idempotent: as long as the run, and then its outcome, is kept, every start of this workflow with
   * this key by the same owner gives that one run, from whichever process. Up to 1,000 characters.
   */
  readonly key?: string
  /**
   * When the run has to have ended: so long after its start ("5 minutes"), or a moment (a `Date`). What is not done by
   * then is stopped as by a cancel, and the outcome is `TimedOut`. Default: none.
   */
  readonly deadline?: HowLong<WithUnit<"deadline">> | Date
}

/** Key and deadline of a run as data; times in milliseconds. */
export interface StartSettings {
  readonly key?: string
  readonly deadline?: { readonly after: number } | { readonly at: number }
}

const known = new Set(["key", "deadline"])

export const isStartOption = (name: string): boolean => known.has(name)

const longestKey = 1_000
const longestDeadline = 10 * year

/** The settings that options stand for, or what is wrong with them. */
export const startSettingsOf = ({ key, deadline }: StartOptions): StartSettings | string => {
  if (key !== undefined && !(typeof key === "string" && key !== "" && key.length <= longestKey)) {
    return `key is a text of 1 to ${longestKey} characters that names this piece of work, for example "invoice-4711", not ${received(key)}`
  }
  const by = deadline === undefined ? undefined : deadlineOf(deadline)
  if (typeof by === "string") return by
  return Object.freeze({
    ...(key === undefined ? {} : { key }),
    ...(by === undefined ? {} : { deadline: by })
  })
}

const deadlineOf = (deadline: HowLong<string> | Date): StartSettings["deadline"] | string => {
  if (deadline instanceof Date) {
    const at = deadline.getTime()
    return Number.isNaN(at) ? "deadline is not a valid date" : Object.freeze({ at })
  }
  const after = wholeMilliseconds(deadline)
  return after > 0 && after <= longestDeadline
    ? Object.freeze({ after })
    : `deadline is a duration above zero and of at most ten years, for example "5 minutes", or a Date, not ${receivedDuration(deadline)}`
}

/** Settings in JSON of unknown origin, or what is wrong with them. */
export const readStartSettings = (json: unknown): StartSettings | undefined | string => {
  if (json === undefined) return undefined
  if (typeof json !== "object" || json === null) return `its start is ${received(json)}`
  const stranger = Object.keys(json).find((name) => !known.has(name))
  if (stranger !== undefined) {
    return `its start has a field ${received(stranger)}, which comes from a newer release than this one: upgrade this process`
  }
  const { key, deadline } = json as { readonly key?: unknown; readonly deadline?: unknown }
  if (deadline === undefined) return startSettingsOf({ key: key as string })
  const { at, after } = Object(deadline) as { readonly at?: unknown; readonly after?: unknown }
  const given = typeof at === "number" ? new Date(at) : ofMilliseconds(after)
  return startSettingsOf({
    ...(key === undefined ? {} : { key: key as string }),
    deadline: given
  })
}
