/** The worker of a soak that is never hit, and what it says of itself. */
import { createInterface } from "node:readline"
import type { Worker, WorkerSettings } from "../processes.ts"
import type { Stage } from "../stage.ts"
import type { Collected, WorkerWord } from "../watched.ts"

export interface Steady {
  readonly worker: Worker
  readonly collected: ReadonlyArray<Collected>
  /** What it said last. */
  readonly word: WorkerWord | undefined
}

export const startSteady = async (stage: Stage, settings: WorkerSettings): Promise<Steady> => {
  const worker = await stage.startWorker({ ...settings, WATCH: "1" })
  const collected: Array<Collected> = []
  let word: WorkerWord | undefined
  createInterface({ input: worker.child.stdout! }).on("line", (line) => {
    if (!line.startsWith("{")) return
    word = JSON.parse(line) as WorkerWord
    collected.push(...word.collected)
  })
  return {
    worker,
    collected,
    get word() {
      return word
    }
  }
}
