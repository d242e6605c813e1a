/** PostgreSQL in a directory of its own, with what one sets on a server that is there for a queue. */
import { execFile, execFileSync } from "node:child_process"
import { chmod, chown, mkdir, readdir, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { firstOf, installPackages } from "./debian.ts"
import { freePort } from "./program.ts"
import { startServer } from "./server.ts"
import type { Service } from "./service.ts"

/** `synchronous_commit` is off so that all systems promise the same: what is written may wait for the disk. */
const settings: { readonly [name: string]: string } = {
  synchronous_commit: "off",
  shared_buffers: "512MB",
  effective_cache_size: "2GB",
  work_mem: "16MB",
  wal_buffers: "16MB",
  max_wal_size: "4GB",
  checkpoint_timeout: "15min",
  max_connections: "500",
  autovacuum_naptime: "10s",
  random_page_cost: "1.1",
  jit: "off"
}

/** The newest of the versions that Debian keeps side by side. */
async function programs(): Promise<string | undefined> {
  const root = "/usr/lib/postgresql"
  const versions = await readdir(root).catch(() => [])
  versions.sort((left, right) => Number(right) - Number(left))
  const found = firstOf(versions.map((version) => join(root, version, "bin", "postgres")))
  return found === undefined ? undefined : dirname(found)
}

/** PostgreSQL refuses to run as root: the user that Debian's package made for it, or else nobody. */
function account(): { name: string; uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: "pipe" }))
      return { name, uid: id("-u"), gid: id("-g") }
    } catch {
      continue
    }
  }
  throw new Error("Neither a user postgres nor a user nobody to run PostgreSQL as")
}

/** Temporary directories are their owner's alone; the other user has to be able to pass through. */
async function openTheWay(directory: string): Promise<void> {
  const root = resolve(tmpdir())
  for (let at = dirname(directory); at.startsWith(`${root}/`); at = dirname(at)) {
    const { mode } = await stat(at)
    if ((mode & 0o001) === 0) await chmod(at, (mode & 0o777) | 0o001)
  }
}

export const postgres: Service = {
  name: "postgres",
  async install() {
    if ((await programs()) === undefined) await installPackages(["postgresql"])
  },
  async start(directory) {
    const bin = await programs()
    if (bin === undefined) throw new Error("No postgres: install it first")
    const data = join(resolve(directory), "data")
    await mkdir(data, { recursive: true, mode: 0o700 })
    const user = account()
    let as: string[] = []
    if (user !== undefined) {
      await openTheWay(resolve(directory))
      await chown(directory, user.uid, user.gid)
      await chown(data, user.uid, user.gid)
      as = ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"]
    }
    const init = [...as, join(bin, "initdb"), "-D", data, "-U", "bench", "--auth=trust"]
    init.push("--encoding=UTF8", "--locale=C", "--no-sync")
    await promisify(execFile)(init[0] as string, init.slice(1), { cwd: "/" })
    const port = await freePort()
    const command = [...as, join(bin, "postgres"), "-D", data, "-p", String(port)]
    command.push("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
    for (const [name, value] of Object.entries(settings)) command.push("-c", `${name}=${value}`)
    const [program, ...args] = command as [string, ...string[]]
    const server = await startServer(program, args, port, join(directory, "postgres.log"))
    const version = execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" })
    return {
      address: `postgres://bench@127.0.0.1:${port}/postgres`,
      pids: [server.pid],
      version: /([\d.]+)/.exec(version)?.[1] ?? "",
      settings: Object.entries(settings)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
      // A fast shutdown: connections that are open are ended, and the last checkpoint is written.
      stop: () => server.stop("SIGINT")
    }
  }
}
