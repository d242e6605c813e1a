/** A server program that listens on one port: started, waited for, and stopped by pid. */
import { end, listens, program, until } from "./program.ts"

export interface Server {
  readonly pid: number
  /** Sends the signal, and SIGKILL where that has not ended it within ten seconds. */
  stop(signal: NodeJS.Signals): Promise<void>
}

/** Starts the program, its output going to `log`, and waits until the port answers. */
export const startServer = async (
  command: string,
  args: ReadonlyArray<string>,
  port: number,
  log: string
): Promise<Server> => {
  const child = program(command, [...args], { log })
  // One that could not be started is found to have ended.
  child.once("error", () => {})
  try {
    await until(command, child, () => listens(port), 30)
  } catch (cause) {
    child.kill("SIGKILL")
    throw new Error(`${(cause as Error).message}: see ${log}`, { cause })
  }
  return { pid: child.pid!, stop: (signal) => end(child, 10, signal) }
}
