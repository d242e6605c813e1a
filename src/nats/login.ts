/** Who we are to the server, from the options and the addresses; and how that is told, without telling it. */
import {
  type Authenticator,
  credsAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator
} from "@nats-io/transport-node"
import type { Address } from "./address.ts"
import { whyNoCertificates } from "./certificates.ts"
import { failure } from "./messages.ts"
import { authenticationOf, type NatsAuthentication, type NatsOptions } from "./options.ts"

export interface Login {
  /** For the client library. */
  readonly options: Omit<NatsAuthentication, "credentials">
  /** The same as the one function that the library makes of it. */
  readonly authenticator: Authenticator
  readonly tls: NatsAuthentication["tls"]
  /** What was given, in words, and never more. */
  readonly given: ReadonlyArray<string>
}

/** Throws a `BrokerError` for credentials, and certificates, that cannot be any. */
export const loginOf = (options: NatsOptions, addresses: ReadonlyArray<Address>): Login => {
  const { credentials, ...authentication } = authenticationOf(options, addresses)
  const { authenticator, token, user, pass, tls } = authentication
  const wrong = whyNoCertificates(tls)
  if (wrong !== undefined) throw wrong
  const creds = credentials === undefined ? undefined : credentialsIn(credentials)
  const own = creds === undefined ? [authenticator ?? []].flat() : [creds]
  const all = [
    ...own,
    ...(token ? [tokenAuthenticator(token)] : []),
    ...(user ? [usernamePasswordAuthenticator(user, pass)] : [])
  ]
  return {
    options: { ...authentication, ...(creds === undefined ? {} : { authenticator: creds }) },
    authenticator: (nonce) => Object.assign({}, ...all.map((one) => one(nonce))),
    tls,
    given: [
      ...(user ? ["the user and the password"] : []),
      ...(token ? ["the token"] : []),
      ...(creds === undefined ? [] : ["the credentials"]),
      ...(creds === undefined && authenticator !== undefined
        ? ["what the authenticator gives"]
        : [])
    ]
  }
}

const dashed = /-{3,}BEGIN [^\n]*-{3,}\n/gi

const credentialsIn = (credentials: string): Authenticator => {
  const text: unknown = credentials
  const made = credsAuthenticator(new TextEncoder().encode(String(text)))
  try {
    if (typeof text !== "string" || (text.match(dashed) ?? []).length < 2) throw new Error()
    made("nonce")
    return made
  } catch {
    throw failure(
      "Misconfigured",
      '`authentication.credentials` is the text of a .creds file, with a user\'s JWT and seed between dashed lines, and what was given is none (it is not shown). Give the text, not the path: readFileSync(path, "utf8").'
    )
  }
}

/** What a person should look at who was not let in. */
export const whoIs = ({ given, options: { authenticator } }: Login): string =>
  given.length === 0
    ? "Nothing was given: give it the user and password, the token or the credentials that it wants (`authentication`, or nats://user:password@host)."
    : `What was given (${given.join("; ")}) is not accepted: is it for this server${authenticator === undefined ? "" : " and account, neither expired nor revoked"}, and spelt right?`
