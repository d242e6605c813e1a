/** Fetches the tarball of one package through the user's npm, which knows their registry, proxy and credentials. */
import { execFile } from "node:child_process"
import { readFile, readdir } from "node:fs/promises"
import { basename, join } from "node:path"
import { promisify } from "node:util"
import { reasonOf } from "./unreachable.ts"

/** A slow line takes a minute for the seven megabytes; a firewall that swallows packets takes for ever. */
const patience = 120_000

/** The npm that runs us, when one does; yarn and pnpm set the same variable, but pack differently. */
const npm = (environment: NodeJS.ProcessEnv): readonly [string, ...string[]] => {
  const running = environment["npm_execpath"] ?? ""
  if (basename(running) !== "npm-cli.js") return ["npm"]
  // Where Bun or Deno runs us, npm still wants the Node that it was started with.
  return [environment["npm_node_execpath"] ?? process.execPath, running]
}

/** One retry, at once: npm's own two come after ten seconds and a minute, and whoever has no network waits for both. */
const options = [
  "--silent",
  "--json",
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=300",
  "--fetch-timeout=10000"
]

/** The tarball, left in `into` too. Rejects with the reason in a few words. */
export const pack = async (
  specifier: string,
  environment: NodeJS.ProcessEnv,
  root: string,
  into: string
): Promise<Uint8Array> => {
  const [command, ...words] = npm(environment)
  const asked = [...words, "pack", specifier, "--pack-destination", into, ...options]
  try {
    // In the project's root, where an .npmrc may name the registry to use.
    await promisify(execFile)(command, asked, {
      cwd: root,
      env: { ...environment, NODE_OPTIONS: "" },
      timeout: patience
    })
  } catch (thrown) {
    throw new Error(whyNot(thrown), { cause: thrown })
  }
  const name = (await readdir(into)).find((file) => file.endsWith(".tgz"))
  if (name === undefined) {
    throw new Error("npm pack left no file")
  }
  return readFile(join(into, name))
}

interface Failed {
  readonly code?: unknown
  readonly killed?: boolean
  readonly stdout?: string
  readonly stderr?: string
}

const whyNot = (thrown: unknown): string => {
  const { code, killed, stdout, stderr } = thrown as Failed
  if (code === "ENOENT") return "there is no npm on the PATH"
  if (killed === true) return `npm was not done after ${patience / 1000} seconds`
  // Which of the two npm answers on depends on its version.
  const said = `${stdout ?? ""}${stderr ?? ""}`
  const summary = /"summary": "((?:\\.|[^"\\])*)"/.exec(said)?.[1]
  // Behind the address, which is long and may hold credentials.
  return /reason: (.+)/.exec(summary ?? "")?.[1] ?? summary ?? reasonOf(thrown)
}
