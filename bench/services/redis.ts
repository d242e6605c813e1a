/** Redis, as a queue's store: every write in the append-only file, which goes to the disk each second. */
import { execFileSync } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { firstOf, installPackages } from "./debian.ts"
import { freePort } from "./program.ts"
import { startServer } from "./server.ts"
import type { Service } from "./service.ts"

const find = () => firstOf(["/usr/bin/redis-server", "/usr/local/bin/redis-server"])

export const redis: Service = {
  name: "redis",
  async install() {
    if (find() === undefined) await installPackages(["redis-server"])
  },
  async start(directory) {
    const program = find()
    if (program === undefined) throw new Error("No redis-server: install it first")
    await mkdir(directory, { recursive: true })
    const port = await freePort()
    const settings = {
      appendonly: "yes",
      appendfsync: "everysec",
      "maxmemory-policy": "noeviction",
      save: ""
    }
    const args = ["--bind", "127.0.0.1", "--port", String(port), "--dir", directory]
    for (const [name, value] of Object.entries(settings)) args.push(`--${name}`, value)
    const server = await startServer(program, args, port, join(directory, "redis.log"))
    return {
      address: `redis://127.0.0.1:${port}`,
      pids: [server.pid],
      version:
        /v=([\d.]+)/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[1] ?? "",
      settings: "appendonly yes, appendfsync everysec, save off, maxmemory-policy noeviction",
      stop: () => server.stop("SIGTERM")
    }
  }
}
