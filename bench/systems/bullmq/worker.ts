/** BullMQ's worker process: one Worker, which does `inc`, `echo` and `sum`. */
import type { Job } from "bullmq"
import { Worker } from "bullmq"
import type { Place } from "../../system.ts"
import type { Data } from "./settings.ts"
import { connection, keep, queueName } from "./settings.ts"

const place = JSON.parse(process.env["BENCH_PLACE"] as string) as Place

/** What the jobs gave that this one waited for; Redis keeps them in no order, and the sum needs none. */
async function children(job: Job): Promise<number[]> {
  return Object.values(await job.getChildrenValues<number>())
}

const worker = new Worker<Data, number | string>(
  queueName,
  async (job) => {
    const { value, text } = job.data
    switch (job.name) {
      case "inc":
        return (value ?? ((await children(job))[0] as number)) + 1
      case "echo":
        return text as string
      case "sum":
        return (await children(job)).reduce((left, right) => left + right, 0)
      default:
        throw new Error(`No task ${job.name}`)
    }
  },
  {
    connection: connection(place),
    prefix: place.namespace,
    concurrency: place.concurrency,
    removeOnComplete: keep,
    removeOnFail: keep
  }
)

await worker.waitUntilReady()
console.log("ready")
process.once("SIGTERM", () => {
  // Where the store has gone first, closing would wait for it.
  setTimeout(() => process.exit(1), 5_000)
  void worker.close().then(() => process.exit(0))
})
