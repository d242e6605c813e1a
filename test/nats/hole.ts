/** A port at which packets vanish: connections to it hang. Linux only. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { connect } from "node:net"
import { expect, onTestFinished } from "vitest"

/** A port that takes connections until its queue is full, and then lets packets vanish. */
const hole = `
const { createServer } = require("node:net")
createServer().listen({ port: Number(process.argv[1]), host: "127.0.0.1", backlog: 1 }, () => console.log("up"))
`

/** Takes the place of whoever has left that port. */
export const stuckAt = async (port: number): Promise<ChildProcess> => {
  const stuck = spawn(process.execPath, ["--eval", hole, String(port)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  onTestFinished(() => void stuck.kill("SIGKILL"))
  await once(stuck.stdout, "data")
  stuck.kill("SIGSTOP")
  const fillers = Array.from({ length: 6 }, () => connect(port, "127.0.0.1"))
  for (const filler of fillers) filler.on("error", () => {})
  onTestFinished(() => {
    for (const filler of fillers) filler.destroy()
  })
  const since = performance.now()
  // Somebody else may have one of its two places.
  const isFull = (): boolean =>
    fillers.some((filler) => !filler.connecting) && performance.now() - since > 500
  await expect.poll(isFull).toBe(true)
  // Those that are in stay; those that hang would be taken for the ones that are looked for.
  for (const filler of fillers) if (filler.connecting) filler.destroy()
  return stuck
}

/** Whether anybody's connection to the port is being made without an answer, as the kernel lists them (SYN_SENT). */
export const connecting = async (port: number): Promise<boolean> => {
  const to = `:${port.toString(16).toUpperCase().padStart(4, "0")} 02 `
  return (await readFile("/proc/net/tcp", "utf8")).includes(to)
}
