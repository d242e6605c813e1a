/**
 * Where NATS servers are, and who we are there, as one text says it: `nats://user:password@host:4222`.
 *
 * A password may hold anything, unescaped too, so the host is what stands behind the last `@`. Nothing in front of that is
 * ever shown, and nothing at all of an address that cannot be read: it may be a password whose host is missing.
 */
import { ContractError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"
import type { BrokerError } from "../broker/errors.ts"
import { failure } from "./messages.ts"

/** One server of a list. */
export interface Address {
  /** As the client library takes it, and as people may see it: the scheme, the host and the port. */
  readonly server: string
  /** What stands in front of the host: user and password, or a token. Not unescaped yet. */
  readonly secret?: string
}

const beginning = /^[a-z][a-z0-9+.-]*:\/\//i

const escaping =
  "In a user, a password or a token in it, write what is special (/ @ : # ? % , and spaces) escaped, as encodeURIComponent(password) gives it; or leave them out of the address and give them as `authentication: { user, pass }`."

/** The addresses that texts hold, each of which may be a list with commas; none of empty ones. */
export const listed = (servers: string | ReadonlyArray<string>): ReadonlyArray<string> => {
  const texts: ReadonlyArray<unknown> = Array.isArray(servers) ? servers : [servers]
  const strange = texts.find((text) => typeof text !== "string")
  if (strange !== undefined) {
    const message = `servers is the address of a NATS server, for example "nats://127.0.0.1:4222", or a list of such texts, not ${received(strange)}`
    throw new ContractError({ task: "", message })
  }
  return (texts as ReadonlyArray<string>)
    .flatMap((text) => text.split(/,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i))
    .flatMap(split)
    .map((text) => text.trim())
    .filter((text) => text !== "")
}

/** The servers that they name. Throws a `BrokerError` for what cannot be one, and a `ContractError` for what is no text. */
export const addressesIn = (servers: string | ReadonlyArray<string>): ReadonlyArray<Address> =>
  listed(servers).map(addressIn)

/** A comma may part two servers or stand in a password: where that cannot be known, nothing is guessed. */
const split = (text: string): ReadonlyArray<string> => {
  const parts = text.split(",")
  const last = parts.findLastIndex((part) => part.includes("@"))
  const inFront = parts.slice(0, Math.max(last, 0))
  const doubtful =
    inFront.length > 0 &&
    (beginning.test(text.trim()) || inFront.some((part) => !part.includes("@")))
  if (!doubtful) return parts
  throw wrong(
    `in the list of NATS servers a comma stands in front of an @, and it cannot be told whether it belongs to a password. Begin each server with its scheme, as in nats://a:4222,nats://b:4222. ${escaping}`
  )
}

const host =
  /^(?:\[[0-9a-f:.%]+\]|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*|[^\s:/?#@[\]\\%]+)(?::(\d{1,5}))?\/?$/i

const addressIn = (text: string, at: number, all: ReadonlyArray<string>): Address => {
  const scheme = beginning.exec(text)?.[0] ?? ""
  const rest = text.slice(scheme.length)
  const end = rest.lastIndexOf("@")
  const place = rest.slice(end + 1)
  const which = all.length === 1 ? "the address of the NATS server" : `server ${at + 1} of the list`
  const found = host.exec(place)
  if (found === null || Number(found[1] ?? 0) > 65_535) {
    throw wrong(
      `${which} cannot be read, and is not shown because it may hold a password: it is written nats://host:port, or nats://user:password@host:port, with a port up to 65535. ${escaping}`
    )
  }
  if (/^wss?:/i.test(scheme)) {
    throw wrong(
      `${which}, ${scheme}${place}, is one for browsers (WebSocket): give the address for ordinary clients, for example nats://host:4222, or tls://host:4222`
    )
  }
  return { server: scheme + place, ...(end < 0 ? {} : { secret: rest.slice(0, end) }) }
}

const wrong = (message: string): BrokerError => failure("Misconfigured", message)

/** As people may see them. */
export const shown = (addresses: ReadonlyArray<Address>): string =>
  addresses.map(({ server }) => server).join(", ")

const plain = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that was meant as one.
    return text
  }
}

/** User and password, or a token, of the first server that has them: the client library ignores them there. */
export const secretIn = (
  addresses: ReadonlyArray<Address>
): { readonly user?: string; readonly pass?: string; readonly token?: string } => {
  const { secret } = addresses.find(({ secret }) => secret !== undefined) ?? {}
  if (secret === undefined) return {}
  const [user, ...rest] = secret.split(":")
  return rest.length === 0
    ? { token: plain(secret) }
    : { user: plain(user!), pass: plain(rest.join(":")) }
}

/** What to look at when a secret in an address is not accepted, without a word of it. */
export const whatMayBeMisread = (addresses: ReadonlyArray<Address>): string =>
  addresses.some(({ secret }) => secret !== undefined && /[/@#?%,\s]|:.*:/.test(secret))
    ? ` Those in the address were read up to its last @. ${escaping}`
    : ""
