/** Why a connection could not be made, said for the person who started the program: what is there, and what to do. */
import { errors } from "@nats-io/transport-node"
import type { BrokerError } from "../broker/errors.ts"
import { type Address, shown, whatMayBeMisread } from "./address.ts"
import { failure } from "./messages.ts"
import { type Caller, knock, noLogin, type Knock } from "./knock.ts"
import { type Login, whoIs } from "./login.ts"

/** How many servers of a list are looked at again, all at once. */
const most = 5

/** Why, where the error says it by itself. */
export const whyKnown = (where: string, login: Login, error: unknown): BrokerError | undefined =>
  explain({ where, words: said(error), code: codeOf(error) }, login)

/** What the way that the client library went says by itself; what it took for a timeout is looked at again. */
export const whyNotConnected = async (
  addresses: ReadonlyArray<Address>,
  login: Login,
  error: unknown,
  signal?: AbortSignal
): Promise<BrokerError> => {
  const where = shown(addresses)
  const known = addresses.length === 1 ? whyKnown(where, login, error) : undefined
  if (known !== undefined) return withHint(known, addresses)
  const caller: Caller = { login: login.authenticator, tls: login.tls, signal }
  const knocks = await Promise.all(
    addresses.slice(0, most).map((address) => knock(address, caller))
  )
  const furthest = knocks.toSorted((left, right) => far(right) - far(left))[0]!
  const others = addresses.length === 1 ? "" : ` (of ${where})`
  const found =
    explain(
      {
        where: `${furthest.server}${others}`,
        words: furthest.said ?? "",
        code: furthest.code ?? "",
        found: furthest
      },
      login
    ) ??
    failure(
      "Unreachable",
      `no NATS server could be reached at ${where}: ${said(error)}. ${startOne}`
    )
  return withHint(found, addresses)
}

const startOne =
  "Start one (`nats-server -js`), point NATS_URL or the `servers` option at one that runs, or allow the embedded one (`embedded: true`)."

const withHint = (error: BrokerError, addresses: ReadonlyArray<Address>): BrokerError =>
  error.reason === "Refused"
    ? failure(error.reason, error.message + whatMayBeMisread(addresses))
    : error

const ways = ["dial", "greeting", "in", "tls", "login"]

/** Whoever came furthest says most. */
const far = ({ at, said, late }: Knock): number =>
  ways.indexOf(at) + (said === undefined ? 0 : 0.5) - (late === true ? 0.25 : 0)

const said = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  return error.message === "" ? (code ?? error.name) : error.message
}

export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return ""
  if (isRefusal(error)) return "refused"
  const { code, cause } = error as NodeJS.ErrnoException & { readonly cause?: unknown }
  return code ?? codeOf(cause)
}

/** The server has looked at who we are, and does not let us in. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof errors.AuthorizationError ||
  error instanceof errors.UserAuthenticationExpiredError

/** An attempt to connect that has failed. */
interface Attempt {
  /** The server or servers. */
  readonly where: string
  /** What the error says; empty when it says nothing. */
  readonly words: string
  readonly code: string
  /** How far it came, where that was looked at. */
  readonly found?: Knock
}

const explain = (attempt: Attempt, login: Login): BrokerError | undefined =>
  refused(attempt, login) ??
  untrusted(attempt, login) ??
  unencrypted(attempt, login) ??
  unheard(attempt)

/** The server has said so. */
const refused = ({ where, words, code }: Attempt, login: Login): BrokerError | undefined => {
  if (code === noLogin) {
    return failure(
      "Misconfigured",
      `the NATS server at ${where} could not be told who we are: \`authentication\` fails with "${words}". Mend the authenticator.`
    )
  }
  if (/maximum .*connections exceeded/i.test(words)) {
    return failure(
      "Refused",
      `the NATS server at ${where} takes no more connections ("${words}"). End processes that hold some (\`nats server report connections\`), or raise ${/account/i.test(words) ? "the account's limit of connections" : "max_connections in its configuration"}.`
    )
  }
  const isIt = code === "refused" || /authorization violation|authentication/i.test(words)
  return isIt
    ? failure(
        "Refused",
        `the NATS server at ${where} refused us: ${words}. ${whoIs(login)} (It does not say more; its own log may.)`
      )
    : undefined
}

const authority =
  'Give the certificate of the authority that signed it: `authentication: { tls: { caFile: "/path/to/ca.pem" } }`, or the variable NODE_EXTRA_CA_CERTS.'

/** We do not believe that it is who it says. */
const untrusted = ({ where, words, code }: Attempt, { tls }: Login): BrokerError | undefined => {
  const wrong = (why: string, wayOut: string): BrokerError =>
    failure("Misconfigured", `the NATS server at ${where} ${why} (${code}: ${words}). ${wayOut}`)
  if (/^UNABLE_TO_|SELF_SIGNED|^CERT_UNTRUSTED|^CERT_SIGNATURE/.test(code)) {
    const given = (tls?.ca ?? tls?.caFile) !== undefined
    return given
      ? wrong(
          "shows a certificate that the authority given as `authentication.tls` did not sign",
          "Give the one that did; a server that sends only the last part of a chain needs the others given, too."
        )
      : wrong("shows a certificate that nobody vouches for whom this process knows", authority)
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return wrong(
      "shows a certificate that is not for this name",
      `Connect by a name that stands in it, or give the server one for this name.${/Host: localhost/.test(words) ? " (Of a server that is given by its number, the name localhost is looked for.)" : ""}`
    )
  }
  if (/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)/.test(code)) {
    return wrong(
      "shows a certificate that is not valid today",
      "Renew it; or mend the clock of this machine."
    )
  }
  return undefined
}

const unencrypted = (
  { where, words, code, found }: Attempt,
  { tls }: Login
): BrokerError | undefined => {
  if (words.includes("does not support 'tls'")) {
    return failure(
      "Misconfigured",
      `TLS was asked for (by tls:// or \`authentication.tls\`), and the NATS server at ${where} has none. Leave it out, or give the server a tls {} block.`
    )
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return failure(
      "Misconfigured",
      `what listens at ${where} does not begin with TLS${tls?.handshakeFirst === true ? ": leave out `handshakeFirst`, or set handshake_first in the server's tls {} block" : ""}.`
    )
  }
  const unreadable =
    code.startsWith("ERR_OSSL") || code === "ENOENT" || words.endsWith(" doesn't exist")
  if (tls && unreadable) {
    return failure(
      "Misconfigured",
      `a certificate or key in \`authentication.tls\` cannot be read (${words.trim()}): caFile, certFile and keyFile are paths of PEM files, ca, cert and key their texts.`
    )
  }
  const certified = tls !== undefined && (tls?.certFile ?? tls?.cert) !== undefined
  const asked = found?.greeting?.tls_verify === true && ["tls", "login"].includes(found.at)
  if (asked || /ALERT_CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA/.test(code)) {
    const alert = words === "" ? "" : ` (${words.trim()})`
    return failure(
      "Refused",
      certified
        ? `the NATS server at ${where} does not accept our certificate${alert}: it must be valid today and signed by an authority in the server's ca_file.`
        : `the NATS server at ${where} asks for a certificate of ours${alert}, and none was given: \`authentication: { tls: { caFile, certFile, keyFile } }\`.`
    )
  }
  return undefined
}

/** It is not there, or it is something else. */
const unheard = ({ where, words, code, found }: Attempt): BrokerError | undefined => {
  if (/^(?:ENOTFOUND|EAI_AGAIN)$/.test(code)) {
    return failure(
      "Unreachable",
      `no NATS server could be reached at ${where}: nobody knows a machine of this name (${words}). Is it spelt right, and is DNS there?`
    )
  }
  if (found === undefined) return undefined
  if (found.tlsFirst === true) {
    return failure(
      "Misconfigured",
      `what listens at ${where} speaks TLS before anything else. If it is a NATS server with handshake_first: \`authentication: { tls: { handshakeFirst: true } }\`.`
    )
  }
  if (found.at === "greeting" && found.said !== undefined) {
    return failure(
      "Misconfigured",
      `what listens at ${where} is not NATS: it says ${JSON.stringify(found.said)}. Clients of NATS have a port of their own, 4222 unless it was changed (8222 is for monitoring, 6222 for its cluster).`
    )
  }
  if (found.at === "greeting") {
    return failure(
      "Unreachable",
      found.late === true
        ? `something accepts connections at ${where} and says nothing: a NATS server greets at once. It hangs (look at its process and its log), or something else listens there, or stands between.`
        : `something accepts connections at ${where} and closes them without a word: it is no NATS server, or a proxy that has none behind it, or one that is just starting or ending.`
    )
  }
  if (found.at === "dial" && found.late === true) {
    return failure(
      "Unreachable",
      `no NATS server could be reached at ${where}: nothing answers there, not even with a refusal. Is the machine up, and does a firewall let us through?`
    )
  }
  if (found.at === "login" || found.at === "tls") {
    return failure(
      "Unreachable",
      `the NATS server at ${where} greets us, and then ${found.late === true ? "says nothing" : "closes the connection"}${words === "" ? "" : ` (${words})`}: look at its log for the reason.`
    )
  }
  return found.at === "in"
    ? failure(
        "Unreachable",
        `the NATS server at ${where} did not let us in within 4 s (${words === "" ? "timeout" : words}), and does now: it or the way to it is slow, and the next attempt may succeed.`
      )
    : undefined
}
