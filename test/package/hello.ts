/** A worker in one process and a client in another, started as users start them. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, jsonIn, run } from "./steps.ts"

/** How long a worker may take to say that it works, in milliseconds. */
const patience = 60_000

/** A command and its words. */
export type Program = readonly [string, ...string[]]

export interface Hello {
  /** What this shows. */
  readonly what: string
  /** Where the project's own server keeps its record. */
  readonly root: string
  readonly worker: Program
  /** Where it is started. Default: in the root. */
  readonly workerIn?: string
  readonly client: Program
  readonly clientIn?: string
  /** What the client prints. Default: what the one of the README does. */
  readonly answer?: string
  readonly environment?: NodeJS.ProcessEnv
  /** Whether the worker starts one. Default: true. */
  readonly server?: boolean
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Nobody needs the server any more: within seconds it ends. */
const endsSoon = async (what: string, pid: number): Promise<void> => {
  const end = performance.now() + 15_000
  while (isAlive(pid) && performance.now() < end) await sleep(50)
  expect(`${what} is gone`, isAlive(pid), false)
}

const pidIn = (record: string): number => (jsonIn(record) as { readonly pid: number }).pid

/** The client of the README prints its answer; the worker ends with 0 when it is told to, and soon after it the server it started. */
export const hello = async (given: Hello): Promise<void> => {
  const { what, root, worker, workerIn = root, client, clientIn = root } = given
  const environment = { ...process.env, ARPEGGIO_PORT: "0", ...given.environment }
  const [command, ...words] = worker
  const child = spawn(command, words, {
    cwd: workerIn,
    env: environment,
    stdio: ["ignore", "ignore", "pipe"]
  })
  const ended = once(child, "exit") as Promise<[number | null]>
  const said: Array<string> = []
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => reject(new Error(`${what}: no worker.\n${said.join("\n")}`))
      const timer = setTimeout(stop, patience)
      child.once("exit", stop)
      createInterface({ input: child.stderr }).on("line", (line) => {
        said.push(line)
        if (!line.startsWith("  tasks ")) return
        clearTimeout(timer)
        child.off("exit", stop)
        resolve()
      })
    })
    const [asking, ...how] = client
    const printed = await run(asking, how, clientIn, environment)
    expect(`${what}: the client prints the answer`, printed.trim(), given.answer ?? "18")
    const pid = given.server === false ? undefined : pidIn(join(root, ".arpeggio/server.json"))
    child.kill("SIGTERM")
    const [code] = await ended
    if (code !== 0) console.log(said.join("\n"))
    expect(`${what}: the worker ends with 0`, code, 0)
    if (pid !== undefined) await endsSoon(`${what}: the server it started`, pid)
  } finally {
    if (child.exitCode === null) child.kill("SIGKILL")
  }
}
