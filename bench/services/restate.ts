/** Restate of its npm package: one node with all roles. */
import { mkdirSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { end, freePort, output, program, until } from "./program.ts"
import type { Running, Service } from "./service.ts"

const require = createRequire(import.meta.url)
const { platform, arch } = process
const server = `@restatedev/restate-server-${platform}-${arch}/bin/restate-server`

/** Shards of invocations, each with a log of its own: one syncs most at a time; the 24 of the default were slower. */
const partitions = 1

export const restate: Service = {
  name: "restate",

  async start(directory): Promise<Running> {
    // The package's command is a Node process around this one: it would have a pid and memory of its own.
    const binary = require.resolve(server)
    const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()]
    mkdirSync(directory, { recursive: true })
    const child = program(binary, ["--no-logo"], {
      log: join(directory, "output"),
      cwd: directory,
      env: {
        RESTATE_BASE_DIR: join(directory, "data"),
        RESTATE_NODE_NAME: "bench",
        RESTATE_LISTEN_MODE: "tcp",
        RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
        RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
        RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
        RESTATE_DEFAULT_NUM_PARTITIONS: String(partitions),
        RESTATE_DISABLE_TELEMETRY: "true",
        RESTATE_LOG_FILTER: "warn",
        RESTATE_LOG_DISABLE_ANSI_CODES: "true"
      }
    })
    const healthy = async (url: string): Promise<boolean> => (await fetch(url)).ok
    try {
      await until("Restate's admin", child, () => healthy(`http://127.0.0.1:${admin}/health`))
      await until("Restate's ingress", child, () =>
        healthy(`http://127.0.0.1:${ingress}/restate/health`)
      )
    } catch (cause) {
      await end(child)
      throw cause
    }
    return {
      address: `http://127.0.0.1:${ingress}/?admin=${admin}`,
      pids: child.pid === undefined ? [] : [child.pid],
      version: (await output(binary, "--version")).replace("restate-server ", ""),
      settings: `one node, replicated log with one copy, ${partitions} partition`,
      stop: () => end(child)
    }
  }
}
