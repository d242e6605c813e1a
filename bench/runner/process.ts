/** Processes of a measurement: started, waited for, and ended by pid whatever happens. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Command } from "../system.ts"
import { signalEach, signalTree, treeOf } from "./proc.ts"

const running = new Set<ChildProcess>()

/** The last resort when this process ends in a hurry. */
process.on("exit", () => {
  for (const { pid } of running) signalTree([pid!], "SIGKILL")
})

export interface Process {
  readonly pid: number
  readonly child: ChildProcess
  /** Resolves at the first line that passes; rejects when the process ends before. */
  line(passes: (line: string) => boolean): Promise<string>
  /** Asks it to end, and kills it and its children when it does not. */
  stop(): Promise<void>
}

/** The last words on standard error, for when it fails. */
const lastWords = 4_000

const politeness = 5_000

export const start = (what: string, command: Command, ipc = false): Process => {
  const child = spawn(command.program, [...command.args], {
    stdio: ["ignore", "pipe", "pipe", ...(ipc ? (["ipc"] as const) : [])],
    env: { ...process.env, ...command.env }
  })
  running.add(child)
  let said = ""
  let failure: Error | undefined
  let over = false
  const listeners = new Set<() => void>()
  const lines: Array<string> = []
  const ended = new Promise<void>((resolve) => {
    const end = (words: string): void => {
      if (over) return
      over = true
      failure = new Error(`${what} ${words}${said === "" ? "" : `:\n${said.trim()}`}`)
      running.delete(child)
      for (const listener of listeners) listener()
      resolve()
    }
    child.once("error", (error) => end(`could not be started (${error.message})`))
    child.once("close", (code, signal) => end(`ended with ${signal ?? code}`))
  })
  child.stderr!.on("data", (text: Buffer) => {
    said = (said + String(text)).slice(-lastWords)
  })
  createInterface({ input: child.stdout! }).on("line", (line) => {
    lines.push(line)
    if (lines.length > 1_000) lines.shift()
    for (const listener of listeners) listener()
  })
  return {
    pid: child.pid ?? 0,
    child,
    line: (passes) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(passes)
          if (found === undefined && failure === undefined) return
          listeners.delete(look)
          if (found === undefined) reject(failure!)
          else resolve(found)
        }
        listeners.add(look)
        look()
      }),
    stop: async () => {
      if (over || child.pid === undefined) return
      // As it is now: whoever is left without a parent is not found later.
      const all = treeOf([child.pid])
      child.kill("SIGTERM")
      const late = setTimeout(() => signalEach(all, "SIGKILL"), politeness)
      await ended
      clearTimeout(late)
      signalEach(all, "SIGKILL")
    }
  }
}

/** Rejects when it takes longer. */
export const within = async <A>(seconds: number, what: string, work: Promise<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${seconds} s`)),
      seconds * 1_000
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
