/** pg-boss's worker process: woken by NOTIFY, it takes jobs in batches for as long as batches are full. */
import type { Place } from "../../system.ts"
import { tell } from "../answers.ts"
import type { Data } from "./settings.ts"
import { batchSize, instance, localConcurrency } from "./settings.ts"

const place = JSON.parse(process.env["BENCH_PLACE"] as string) as Place
const boss = instance(place, "worker")
await boss.start()

const options = {
  batchSize,
  localConcurrency,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 0.5
}

async function inc(value: number): Promise<number> {
  return value + 1
}

async function echo(value: string): Promise<string> {
  return value
}

await boss.work<Data<number>>("inc", options, async (jobs) => {
  await Promise.all(jobs.map(async ({ data }) => tell(data.reply, await inc(data.value))))
})
await boss.work<Data<string>>("echo", options, async (jobs) => {
  await Promise.all(jobs.map(async ({ data }) => tell(data.reply, await echo(data.value))))
})
console.log("ready")
process.once("SIGTERM", () => {
  // Where the store has gone first, closing would wait for it.
  setTimeout(() => process.exit(1), 5_000)
  void boss.stop().then(() => process.exit(0))
})
