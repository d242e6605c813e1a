/** A worker of the storm `night`: as in production, with the usual lease, and everything that it says written down with its time. */
import { serve, startWorker, type WorkerOptions } from "arpeggio"
import { noteCommitted, stormTasks, watchPulse } from "../tasks.ts"
import { nightTasks } from "./tasks.ts"

const { NATS_URL, ARPEGGIO_NAMESPACE, QUEUE, SERVE } = process.env

const write = (words: string): void =>
  void process.stderr.write(`${new Date().toISOString()} ${words.replaceAll("\n", " / ")}\n`)

/** From one SIGUSR2 to the next the logger throws, as one does whose stream is closed. */
let throwing = false
process.on("SIGUSR2", () => {
  throwing = !throwing
})

let ready = false
const print = (line: string): void => {
  const ordinary = noteCommitted(line) || line.endsWith("  started")
  if (throwing) throw new Error("the log is closed")
  if (!ordinary) write(line)
  if (ready || SERVE === undefined || !line.includes("  worker ")) return
  ready = true
  process.stdout.write("ready\n")
}

const options: WorkerOptions = {
  servers: NATS_URL!,
  namespace: ARPEGGIO_NAMESPACE!,
  concurrency: Number(process.env["CONCURRENCY"] ?? 30),
  patience: `${Number(process.env["PATIENCE"] ?? 6_000)} millis`,
  grace: `${Number(process.env["GRACE"] ?? 4_000)} millis`,
  log: "steps",
  print
}
const tasks = [...stormTasks, ...nightTasks(QUEUE!)] as const

watchPulse()
if (SERVE !== undefined) await serve(tasks, options)
else {
  const worker = await startWorker(tasks, options)
  process.once("SIGTERM", () => {
    void worker.drain().then(() => process.exit(0))
  })
  setInterval(() => {
    void worker.health().then(({ problems }) => {
      for (const problem of problems) write(`health: ${problem}`)
      return undefined
    })
  }, 1_000)
  process.stdout.write("ready\n")
}
