/** The signals that end a worker process: the first lets what runs finish, the second gives it back within a second. */
import type { Print } from "../define/print.ts"
import { after } from "../broker/time.ts"

/** How long a process that is told to stop at once takes to give back what it has in hand, in milliseconds. */
const lastMoment = 1_000

/**
 * Signals that come within this time of the first of them are one, in milliseconds: at one Ctrl-C a terminal tells every
 * process of its group, and a watcher or a runner among them hands on what it was told. Nobody presses twice so fast and
 * means two things by it.
 */
const onePress = 1_000

/** What the shell says of a process that each has ended. SIGHUP: its terminal was closed. */
const codes = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const

type Stopping = keyof typeof codes

const stopping = Object.keys(codes) as ReadonlyArray<Stopping>

export class Signals {
  readonly #print: Print
  /** Resolves at the first signal. */
  readonly stopped: Promise<undefined>
  /** Gives back what runs; set when there is a worker. */
  hurry: () => Promise<void> = async () => {}
  /** Says what runs; set when there is a worker. */
  busy: () => string = () => "nothing runs here"
  #stop: () => void = () => {}
  #presses = 0
  #pressedAt = -Infinity

  constructor(print: Print) {
    this.#print = print
    this.stopped = new Promise((resolve) => {
      this.#stop = () => resolve(undefined)
    })
    for (const signal of stopping) process.on(signal, this.#hear)
  }

  /** Listens no more. Once the process has been told to end at once, nothing follows that could end it otherwise. */
  async leave(): Promise<void> {
    if (this.#presses > 1) await new Promise(() => {})
    const off = (): void => {
      for (const signal of stopping) process.off(signal, this.#hear)
    }
    const left = this.#pressedAt + onePress - performance.now()
    // What else comes of the same press must not cut short what the program does after its worker.
    if (left > 0) after(left, off)
    else off()
  }

  readonly #hear = (given: NodeJS.Signals): void => {
    const signal = given as Stopping
    const now = performance.now()
    if (now - this.#pressedAt < onePress) return
    this.#pressedAt = now
    this.#presses += 1
    if (this.#presses === 1) {
      this.#print(`arpeggio: ${signal}, ${this.busy()}; once more to stop at once`)
      return this.#stop()
    }
    const code = codes[signal]
    // oxlint-disable-next-line unicorn/no-process-exit -- the second signal means now
    const exit = (): void => process.exit(code)
    // That second is not over yet.
    if (this.#presses > 2) return
    this.#print(
      `arpeggio: second ${signal}, stopping at once; what runs here will run again elsewhere`
    )
    process.exitCode = code
    after(lastMoment, exit)
    void this.hurry().then(exit, exit)
  }
}
