/** Tells the path of a PEM file from its text: OpenSSL takes a path for an authority that vouches for nobody, and says nothing. */
import type { BrokerError } from "../broker/errors.ts"
import { failure } from "./messages.ts"
import type { NatsAuthentication } from "./options.ts"

const pairs = [
  ["ca", "caFile"],
  ["cert", "certFile"],
  ["key", "keyFile"]
] as const

const begins = "-----BEGIN "

/** What was given is never shown: it may be a key. */
export const whyNoCertificates = (tls: NatsAuthentication["tls"]): BrokerError | undefined => {
  for (const [text, file] of pairs) {
    const given: unknown = tls?.[text]
    if (typeof given === "string" && !given.includes(begins)) {
      return wrong(
        `${text} is the text of a PEM file, and what was given cannot be read as one. Where it is a path, give it as ${file}`
      )
    }
    const path: unknown = tls?.[file]
    if (typeof path === "string" && path.includes(begins)) {
      return wrong(
        `${file} is the path of a PEM file, and what was given is the text of one. Give it as ${text}`
      )
    }
  }
  return undefined
}

const wrong = (words: string): BrokerError =>
  failure("Misconfigured", `\`authentication.tls\`: ${words}.`)
