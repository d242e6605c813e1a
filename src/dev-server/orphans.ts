/** Finds servers that still run on a project's store although nobody holds its lock. */
import { execFile } from "node:child_process"
import { readFile, readdir } from "node:fs/promises"
import { promisify } from "node:util"
import { identityOf, stop } from "./process-identity.ts"
import { unreachable } from "./unreachable.ts"

const pidsOnLinux = async (config: string): Promise<ReadonlyArray<number>> => {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    names.map(async (name) => {
      const line = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")
      const [, flag, file, rest] = line.split("\0")
      return flag === "-c" && file === config && !rest ? [Number(name)] : []
    })
  )
  return found.flat()
}

const pidsElsewhere = async (config: string): Promise<ReadonlyArray<number>> => {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "pid=,args="], {
    maxBuffer: 1 << 26
  })
  const lines = stdout.split("\n").filter((line) => line.trimEnd().endsWith(` -c ${config}`))
  return lines.map((line) => Number.parseInt(line, 10))
}

const pidsOf = async (config: string): Promise<ReadonlyArray<number>> => {
  if (process.platform === "win32") {
    // A server that outlived its supervisor still has the port, so ours does not start beside it.
    return []
  }
  return process.platform === "linux" ? pidsOnLinux(config) : pidsElsewhere(config)
}

/**
 * Stops every server started with the config file. Called by the lock's holder before it starts its own:
 * a server whose supervisor was killed goes on alone, and a second one on its store would corrupt it.
 */
export const stopOrphans = async (config: string): Promise<void> => {
  for (const pid of await pidsOf(config)) {
    const identity = await identityOf(pid)
    if (identity !== undefined && !(await stop(identity))) {
      throw unreachable(
        `Cannot start this project's NATS server: an earlier one (pid ${pid}) still runs on its store and does not stop. ` +
          "Two servers on one store corrupt it. End that process, then try again."
      )
    }
  }
}
