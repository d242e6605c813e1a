/** graphile-worker's worker process: a runner with the tasks `inc` and `echo`. */
import { run } from "graphile-worker"
import type { Place } from "../../system.ts"
import { tell } from "../answers.ts"
import type { Payload } from "./settings.ts"
import { preset } from "./settings.ts"

const place = JSON.parse(process.env["BENCH_PLACE"] as string) as Place

async function inc(payload: unknown): Promise<void> {
  const { value, reply } = payload as Payload<number>
  tell(reply, value + 1)
}

async function echo(payload: unknown): Promise<void> {
  const { value, reply } = payload as Payload<string>
  tell(reply, value)
}

const runner = await run({
  preset: preset(place),
  taskList: { inc, echo },
  crontab: "",
  noHandleSignals: true
})
console.log("ready")
process.once("SIGTERM", () => {
  // Where the store has gone first, closing would wait for it.
  setTimeout(() => process.exit(1), 5_000)
  void runner.stop().then(() => process.exit(0))
})
