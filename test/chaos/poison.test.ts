/** A task that kills every worker that executes it, among a thousand good ones. */
import { once } from "node:events"
import { afterAll, beforeAll, expect, test } from "vitest"
import { TaskCrashed } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { startStorm, type Storm } from "./processes.ts"
import { member, poison } from "./tasks.ts"

let storm: Storm
beforeAll(async () => {
  storm = await startStorm("poison")
})
afterAll(() => storm?.end())

test("is given up after exactly three workers, and the thousand others are done", async () => {
  const over = new AbortController()
  const keepOne = async (): Promise<number> => {
    let deaths = 0
    while (!over.signal.aborted) {
      const worker = await storm.startWorker()
      await Promise.race([once(worker, "exit"), once(over.signal, "abort")])
      if (over.signal.aborted) await storm.kill(worker)
      else deaths++
    }
    return deaths
  }
  const broker = await connectNats({ servers: storm.server.url, namespace: "poison" })
  await using app = await clientOver(broker)
  const good = Array.from({ length: 500 }, (_, at) => app.run(member(at)))
  const bad = app.run(poison(1)).catch((cause: unknown) => cause)
  const more = Array.from({ length: 500 }, (_, at) => app.run(member(at)))
  const deaths = keepOne()
  try {
    expect(await Promise.all([...good, ...more])).toHaveLength(1_000)
    const error = await bad
    expect(error).toBeInstanceOf(TaskCrashed)
    expect((error as TaskCrashed).thrown.name).toBe("WorkerLost")
    expect((error as TaskCrashed).message).toContain(
      "storm.poison was begun 3 times by workers that died or lost the connection before it ended"
    )
  } finally {
    over.abort()
  }
  expect(await deaths).toBe(3)
  const executions = (await storm.ledger()).filter(({ task }) => task === "storm.poison")
  expect(executions).toHaveLength(3)
  expect(await broker.count("poison.dl.>")).toBe(1)
}, 60_000)
