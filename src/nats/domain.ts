/** The JetStream that is spoken to: the connected server's own, or one behind it, by the name of its domain. */
import type { ServerError } from "./error-codes.ts"
import { type Api, sound } from "./api.ts"
import { failure } from "./messages.ts"
import { apiLevel, tooOld } from "./connect-errors.ts"

/** Where questions to a JetStream go: each is one more token, or several. */
export const apiPrefix = (domain: string | undefined): string =>
  domain === undefined ? "$JS.API" : `$JS.${domain}.API`

const pattern = /^[A-Za-z0-9_-]{1,64}$/

/** Throws for what cannot be a domain's name: it becomes a part of subjects. */
export const checkDomain = (domain: unknown): void => {
  if (domain === undefined || (typeof domain === "string" && pattern.test(domain))) return
  throw failure(
    "Misconfigured",
    `domain is the name of a JetStream domain, up to 64 letters, digits, dashes and underscores, not ${JSON.stringify(domain)}`
  )
}

interface AccountInfo {
  readonly api?: { readonly level?: number }
  readonly error?: ServerError
}

/** The server we are connected to may be a leaf that has no JetStream, or an older one: what counts is who answers for the domain. */
export const ensureDomain = async (
  api: Api,
  domain: string,
  server: string,
  patience: number
): Promise<void> => {
  const doing = `looking for the JetStream domain "${domain}"`
  const info = await api<AccountInfo>("INFO", {}, doing, { patience }).catch((cause: unknown) => {
    throw failure(
      "Unreachable",
      `nobody answers for the JetStream domain "${domain}" at ${server}: ${(cause as Error).message} Compare it with \`domain\` in the jetstream block of the server that is meant, and see that the leaf node that leads there is connected, for this account. Leave \`domain\` out to use the JetStream of ${server} itself.`
    )
  })
  if ((sound(doing, info).api?.level ?? 0) < apiLevel)
    throw tooOld(`an older nats-server for the JetStream domain "${domain}"`, server)
}
