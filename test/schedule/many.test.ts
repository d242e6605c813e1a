/** Many schedules that are due at one moment: each is started, soon, and a cancel does not wait behind them. */
import { setTimeout as wait } from "node:timers/promises"
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { connect, startWorker, step, task } from "arpeggio"
import { startNatsServer } from "../nats-server.ts"

/** More by `MANY=10000`. */
const many = Number(process.env["MANY"] ?? 500)

test(
  "all are started, and a cancel meanwhile is as quick as ever",
  { timeout: 120_000 },
  async () => {
    const server = await startNatsServer()
    onTestFinished(() => server.stop())
    const options = { servers: server.url, namespace: "many", print: () => {} }
    const late: Array<number> = []
    const note = task("note", { input: [], output: Schema.Void }, () => {
      late.push(Date.now() - step().scheduled!.at.getTime())
    })
    const long = task("long", { input: [], output: Schema.Void, queue: "long" }, async () => {
      const { signal } = step()
      await new Promise<void>((end) => void signal.addEventListener("abort", () => end()))
    })
    const workers = await Promise.all([1, 2].map(() => startWorker([note, long], options)))
    const app = await connect(options)
    onTestFinished(async () => {
      await app.close()
      await Promise.all(workers.map((worker) => worker.drain()))
    })
    const run = await app.start(long())
    const due = Math.ceil(Date.now() / 1_000) * 1_000 + 3_000 + 3 * many
    const offset = { milliseconds: due % 3_600_000 }
    const spec = { every: "1 hour", offset, until: new Date(due) } as const
    for (let at = 0; at < many; at += 100) {
      const some = Array.from({ length: Math.min(100, many - at) }, (_, each) => at + each)
      await Promise.all(some.map((each) => app.schedule(`s${each}`, note(), spec)))
    }
    expect(Date.now()).toBeLessThan(due)
    await wait(due + 300 - Date.now())
    const asked = performance.now()
    expect(await run.cancel()).toBe("Cancelled")
    const took = performance.now() - asked
    await expect.poll(() => late.length, { timeout: 60_000 }).toBe(many)
    const latest = late.reduce((most, each) => Math.max(most, each), 0)
    process.stderr.write(
      `${many} schedules of one moment: all begun after ${latest} ms; a cancel meanwhile took ${Math.round(took)} ms\n`
    )
    expect(Math.min(...late.slice(0, 1_000))).toBeGreaterThanOrEqual(-10)
    expect(latest).toBeLessThan(15_000)
    expect(took).toBeLessThan(5_000)
  }
)
