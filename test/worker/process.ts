/** Worker processes of the tests, their lines, and how they are told to stop. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { bundled } from "../bundle.ts"

export interface Program {
  readonly child: ChildProcess
  readonly lines: Array<string>
  /** The first line that matches, there already or to come. */
  readonly line: (pattern: RegExp) => Promise<string>
  readonly exit: Promise<number | null>
}

const children = new Set<ChildProcess>()

/** Ends what still runs. */
export const killPrograms = (): void => {
  for (const child of children) child.kill("SIGKILL")
  children.clear()
}

/** Starts a program of this folder. */
export const startProgram = (file: string, environment: NodeJS.ProcessEnv): Program => {
  const child = spawn(process.execPath, [bundled(fileURLToPath(new URL(file, import.meta.url)))], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment }
  })
  children.add(child)
  const lines: Array<string> = []
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line)
      for (const look of waiting) look()
    })
  }
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.find((line) => pattern.test(line))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  // Not before the last line is here.
  const exit = once(child, "close").then(([code]) => code as number | null)
  return { child, lines, line, exit }
}

/** Longer than signals count as one press. */
const apart = 1_050

/** Tells a program to stop, and again when that is another press. */
export const pressTwice = async (
  { child, line }: Program,
  first: NodeJS.Signals = "SIGTERM",
  second = first
): Promise<void> => {
  child.kill(first)
  await line(/finishing what runs/)
  await sleep(apart)
  child.kill(second)
}
