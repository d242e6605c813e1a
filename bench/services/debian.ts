/** Debian packages for the bench: installed where the program is missing, with no service of the machine started. */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { promisify } from "node:util"

const run = promisify(execFile)

/** What Debian's package scripts ask before they start a service; 101 is "not allowed". */
const policy = "/usr/sbin/policy-rc.d"

/** Installs the packages; the caller has looked whether the program is there. */
export async function installPackages(packages: ReadonlyArray<string>): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error(`As root: apt-get install ${packages.join(" ")}`)
  const ours = !existsSync(policy)
  if (ours) await writeFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    // Postgres would make a cluster of the machine's own while it installs; this tells it not to.
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }
    const apt = ["-o", "DPkg::Lock::Timeout=300"]
    const install = [...apt, "install", "-y", "--no-install-recommends", ...packages]
    const options = { env, timeout: 600_000, maxBuffer: 64 << 20 }
    await run("apt-get", install, options).catch(async () => {
      await run("apt-get", [...apt, "update"], options)
      await run("apt-get", install, options)
    })
  } finally {
    if (ours) await rm(policy, { force: true })
  }
}

/** The first of these paths that exists. */
export function firstOf(paths: ReadonlyArray<string>): string | undefined {
  return paths.find((path) => existsSync(path))
}
