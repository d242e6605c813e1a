/**
 * When a stream may have a `max_bytes`, as some accounts require of theirs.
 *
 * A full stream of ours would discard its oldest records, which are queued work: servers refuse `discard: new` together
 * with timers. But a server that keeps one copy looks at the account's limit first, and refuses what is new there. So a
 * stream whose `max_bytes` is no less than that limit never gets to discard. With three copies the servers know of each
 * other's use a second late, and it does.
 */
import type { ServerError } from "./error-codes.ts"
import { type Api, sound } from "./api.ts"
import { failure } from "./messages.ts"

/** The one value of the option: all that the account has. */
export type MaxBytes = "account"

interface Limited {
  readonly limits?: { readonly max_storage?: number }
}

export interface AccountLimits extends Limited {
  readonly tiers?: Readonly<Record<string, Limited>>
  readonly error?: ServerError
}

/** What the account may store with one copy, in bytes; `undefined` where that has no limit. */
export const accountLimit = ({ limits, tiers }: AccountLimits): number | undefined => {
  const limit = (tiers?.["R1"] ?? { limits }).limits?.max_storage ?? -1
  return limit > 0 ? limit : undefined
}

export const checkMaxBytes = (given: unknown): void => {
  if (given === undefined || given === "account") return
  throw failure(
    "Misconfigured",
    `maxBytes is "account", not ${JSON.stringify(given)}: the stream is given the whole storage of its account, so that the server refuses what is new where it would otherwise discard what is queued.`
  )
}

/** Why records would be discarded, if they would: `undefined` for a stream without a limit of its own. */
export const whyDiscards = (
  maxBytes: number | undefined,
  replicas: number,
  limit: number | undefined
): string | undefined => {
  if (maxBytes === undefined || maxBytes <= 0) return undefined
  const discards = `max_bytes is ${maxBytes}, and a full stream discards its oldest records, which are queued work`
  if (replicas > 1) {
    return `${discards}: with ${replicas} copies nothing prevents that. Use an account that does not require max_bytes, or one copy`
  }
  if (limit === undefined) {
    return `${discards}: the account has no limit that would be reached before. Remove max_bytes, or give the account a limit of no more`
  }
  return maxBytes >= limit
    ? undefined
    : `${discards}: the account's limit, ${limit} bytes, is higher, so the server does not refuse what is new before. Raise max_bytes to the account's limit, or remove it`
}

const asking = "asking for the account's limit"

/** The `max_bytes` of a stream that is to have all of its account. */
export const wholeAccount = async (api: Api, replicas: number): Promise<number> => {
  if (replicas > 1) {
    throw failure(
      "Misconfigured",
      `maxBytes: "account" is safe with one copy only: with ${replicas} the stream would discard queued work when the account is full. Use an account that does not require max_bytes of its streams and leave maxBytes out, or keep one copy.`
    )
  }
  const limit = accountLimit(sound(asking, await api<AccountLimits>("INFO", {}, asking)))
  if (limit !== undefined) return limit
  throw failure(
    "Misconfigured",
    `maxBytes: "account" needs an account with a limit of its own: without, nothing refuses what is new before a full stream discards what is queued. Leave maxBytes out, or give the account a limit.`
  )
}

/** What an existing stream's `max_bytes` has against it. Nothing is asked where there is none. */
export const whyNotMaxBytes = async (
  api: Api,
  config: { readonly max_bytes?: number; readonly num_replicas: number }
): Promise<string | undefined> => {
  if ((config.max_bytes ?? -1) <= 0) return undefined
  const account = sound(asking, await api<AccountLimits>("INFO", {}, asking))
  return whyDiscards(config.max_bytes, config.num_replicas, accountLimit(account))
}

const sizeRequired = 10113
const sizeTooLarge = 10122
const unreserved = 10047

/** What helps where a stream was not made because of its size. */
export const adviceOnSize = (error: ServerError, given: MaxBytes | undefined): string => {
  if (error.err_code === sizeRequired) {
    return ' This account wants a size for each of its streams. Pass maxBytes: "account" to give this one the whole storage of the account (one copy; no other stream then fits in the account), or use an account that does not require it: a stream of any other size would discard queued work when it is full.'
  }
  if (given === undefined) return ""
  if (error.err_code === sizeTooLarge) {
    return " This account does not let one stream have all of its storage, and a smaller one would discard queued work when it is full: use another account, or have that limit (storage_max_stream_bytes) raised."
  }
  return error.err_code === unreserved
    ? ' Give this namespace an account of its own, or remove the other streams of this one: maxBytes: "account" asks for the whole storage of the account, and other streams have reserved a part of it, as another namespace with this option does. Raising a limit does not help.'
    : ""
}
