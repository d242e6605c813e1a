/** The namespace that separates one application's work from another's on the same server. */
import { createHash } from "node:crypto"
import { readFileSync, realpathSync } from "node:fs"
import { join, resolve } from "node:path"
import { received } from "../define/describe-value.ts"
import { BrokerError } from "../broker/errors.ts"
import { rootOf } from "./project-root.ts"

/** In characters: what is longer would make the longest subjects too long. */
const longest = 32

/** Of the hash at the end of a name that was cut: 41 bits. */
const mark = 8

const pattern = /^[A-Za-z0-9_-]{1,32}$/

/** The option, else `ARPEGGIO_NAMESPACE`, else the project's package name, else `default`. */
export const namespaceFor = (
  option: string | undefined,
  directory: string = process.cwd(),
  environment: NodeJS.ProcessEnv = process.env
): string => {
  const given = option ?? environment["ARPEGGIO_NAMESPACE"]
  if (given === undefined) return packageName(resolve(directory)) ?? "default"
  if (pattern.test(given)) return given
  throw new BrokerError({
    reason: "Misconfigured",
    message: `the namespace ${received(given)} is not usable: give one of 1 to 32 letters, digits, dashes or underscores`
  })
}

/** Of the project, which is found as its own server is, so that whoever shares a server by itself shares the namespace. */
const packageName = (directory: string): string | undefined =>
  tokenOf(nameIn(join(rootOf(realOf(directory)), "package.json")))

const realOf = (directory: string): string => {
  try {
    return realpathSync(directory)
  } catch {
    return directory
  }
}

const nameIn = (file: string): unknown => {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { name?: unknown }).name
  } catch {
    return undefined
  }
}

/**
 * A name that fits keeps every character that may stand in a subject; the others become `-`, so `@a/b` and `a-b` are one
 * namespace. One that is too long is cut, and ends with a hash of the whole name as it is written: names that only begin
 * alike, or differ only in what became `-`, stay apart.
 */
const tokenOf = (name: unknown): string | undefined => {
  if (typeof name !== "string") return undefined
  const token = name.replace(/^@/, "").replaceAll(/[^A-Za-z0-9_-]/g, "-")
  if (token.length <= longest) return pattern.test(token) ? token : undefined
  return `${token.slice(0, longest - mark - 1)}-${hashOf(name)}`
}

const hashOf = (name: string): string => {
  const digest = createHash("sha256").update(name).digest()
  return digest.readBigUInt64BE().toString(36).padStart(13, "0").slice(-mark)
}
