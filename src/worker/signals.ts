/** The signals that end a worker process: the first lets what runs finish, the second gives it back, the third waits for nothing. */
import type { Print } from "../define/print.ts"
import { after } from "../transport/time.ts"

/** How long a process that is told to stop at once takes to give back what it has in hand, in milliseconds. */
const lastMoment = 1_000

export class Signals {
  readonly #print: Print
  /** Resolves at the first signal. */
  readonly stopped: Promise<undefined>
  /** Gives back what runs; set when there is a worker. */
  hurry: () => Promise<void> = async () => {}
  #stop: () => void = () => {}
  #count = 0

  constructor(print: Print) {
    this.#print = print
    this.stopped = new Promise((resolve) => {
      this.#stop = () => resolve(undefined)
    })
    process.on("SIGTERM", this.#hear)
    process.on("SIGINT", this.#hear)
  }

  /** Listens no more. Once the process has been told to end at once, nothing follows that could end it otherwise. */
  async leave(): Promise<void> {
    if (this.#count > 1) await new Promise(() => {})
    process.off("SIGTERM", this.#hear)
    process.off("SIGINT", this.#hear)
  }

  readonly #hear = (signal: NodeJS.Signals): void => {
    this.#count += 1
    if (this.#count === 1) {
      this.#print(`arpeggio: ${signal}, finishing what runs; once more to stop at once`)
      return this.#stop()
    }
    const code = signal === "SIGINT" ? 130 : 143
    // oxlint-disable-next-line unicorn/no-process-exit -- the second signal means now
    const exit = (): void => process.exit(code)
    if (this.#count > 2) return exit()
    this.#print(
      `arpeggio: second ${signal}, stopping at once; what runs here will run again elsewhere`
    )
    process.exitCode = code
    after(lastMoment, exit)
    void this.hurry().then(exit, exit)
  }
}
