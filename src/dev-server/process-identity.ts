/** Tells a process from a later one that got the same pid. */
import { execFile } from "node:child_process"
import { readFileSync, readlinkSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { hostname } from "node:os"
import { promisify } from "node:util"
import { lookUntil } from "./poll.ts"

export interface ProcessIdentity {
  readonly pid: number
  /** When the kernel started it, in whatever form the platform tells. */
  readonly started: string
  /** The boot and the pid namespace (or the host) in which the pid means anything. */
  readonly where: string
}

/** Nobody: what a lock holds that was given up. */
export const nobody: ProcessIdentity = { pid: 0, started: "", where: "" }

const findPlace = (): string => {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`
  } catch {
    return hostname()
  }
}

let place: string | undefined

/** Where this process's pids are valid. */
export const here = (): string => (place ??= findPlace())

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM"
  }
}

const startedOnLinux = async (pid: number): Promise<string | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")
  // The second field is the name in parentheses, which may hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  // A zombie has ended, only nobody has asked for its exit code.
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
}

const startedElsewhere = async (pid: number): Promise<string | undefined> => {
  const environment = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" }
  const answer = await promisify(execFile)("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
    env: environment
  }).catch(() => ({ stdout: "" }))
  const [, state, started] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(answer.stdout) ?? []
  return state === undefined || state.startsWith("Z") ? undefined : started
}

const startOf = async (pid: number): Promise<string | undefined> => {
  if (pid <= 0 || !isThere(pid)) {
    return undefined
  }
  if (process.platform === "win32") {
    // Windows has no quick way to ask; pids are recycled slowly there.
    return "unknown"
  }
  return process.platform === "linux" ? startedOnLinux(pid) : startedElsewhere(pid)
}

/** The identity of a running process of this machine; `undefined` when there is none with that pid. */
export const identityOf = async (pid: number): Promise<ProcessIdentity | undefined> => {
  const started = await startOf(pid)
  return started === undefined ? undefined : { pid, started, where: here() }
}

/** Whether that very process still runs. Only to be asked of processes from here. */
export const isAlive = async (identity: ProcessIdentity): Promise<boolean> =>
  (await startOf(identity.pid)) === identity.started

/** Stops a process of this machine and waits until it is gone: `false` when it would not go. */
export const stop = async (identity: ProcessIdentity): Promise<boolean> => {
  for (const [signal, patience] of [
    ["SIGTERM", 5000],
    ["SIGKILL", 2000]
  ] as const) {
    try {
      process.kill(identity.pid, signal)
    } catch {
      // Gone in the meantime, or not ours to stop: the look below tells.
    }
    if (await lookUntil(async () => ((await isAlive(identity)) ? undefined : true), patience)) {
      return true
    }
  }
  return false
}
