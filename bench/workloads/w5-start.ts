/** W5: from spawning a worker to the first result, for a call that waits already; and the memory of the worker. */
import { setTimeout as sleep } from "node:timers/promises"
import { called, calls, fitting, now, warmUp } from "./pace.ts"
import type { Context, Workload } from "./workload.ts"

/** Milliseconds from the spawn to the result, and memory when nothing is to be done, in MB. */
const coldStartOf = async ({
  session,
  runner
}: Context): Promise<{ cold: number; idle: number }> => {
  let ended = 0
  const first = called(session, 1).then(() => {
    ended = now()
    return undefined
  })
  // Heard of below; until then nobody listens.
  first.catch(() => undefined)
  // It is stored by then, or on its way.
  await sleep(200)
  const { at } = await Promise.race([
    runner.startWorker(),
    // A call that fails is heard of at once.
    first.then(() => new Promise<never>(() => {}))
  ])
  await first
  await sleep(2_000)
  return { cold: ended - at, idle: await runner.memory() }
}

export const coldStart: Workload = {
  name: "W5",
  title: "A worker's start and memory",
  metrics: [
    { id: "cold", title: "spawn to first result, ms", better: "less" },
    { id: "idle", title: "idle, MB", better: "less" },
    { id: "worked", title: "after W1, MB", better: "less" }
  ],
  workers: 0,
  limit: 120,
  measure: async (context) => {
    const { session, runner, quick } = context
    const started = await coldStartOf(context)
    const rate = await warmUp(session, quick ? 500 : 2_000)
    const count = fitting(quick ? 2_000 : 20_000, rate)
    await session.bulk(Array.from({ length: count }, (_, value) => value))
    await calls(session, count, 1_000)
    return { ...started, worked: await runner.memory() }
  }
}

/** W5, second half: the same for a worker that is one file, as bundlers make it. */
export const bundledStart: Workload = {
  name: "W5b",
  title: "The start of a worker that is bundled into one file",
  metrics: [
    { id: "cold", title: "spawn to first result, ms", better: "less" },
    { id: "idle", title: "idle, MB", better: "less" }
  ],
  workers: 0,
  bundled: true,
  limit: 60,
  measure: coldStartOf
}
