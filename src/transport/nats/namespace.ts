/** The namespace that separates one application's work from another's on the same server. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { received } from "../../define/received.ts"
import { BrokerError } from "../failure.ts"

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

const packageName = (directory: string): string | undefined => {
  for (let at = directory; ; at = dirname(at)) {
    const file = join(at, "package.json")
    if (existsSync(file)) return tokenOf(nameIn(file))
    if (dirname(at) === at) return undefined
  }
}

const nameIn = (file: string): unknown => {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { name?: unknown }).name
  } catch {
    return undefined
  }
}

const tokenOf = (name: unknown): string | undefined => {
  if (typeof name !== "string") return undefined
  const token = name
    .replace(/^@/, "")
    .replaceAll(/[^A-Za-z0-9_-]/g, "-")
    .slice(0, 32)
  return pattern.test(token) ? token : undefined
}
