/** A task that kills every worker that executes it, among a thousand good ones. */
import { TaskCrashed } from "arpeggio"
import { audit } from "../audit.ts"
import { executionsOf } from "../ledger.ts"
import type { Storm } from "../stage.ts"
import { poison as deadly } from "../tasks.ts"
import { single } from "../workload.ts"

/** How many workers a call may cost when nothing else is said. */
const crashes = 3

export const poison: Storm = {
  name: "poison",
  limit: () => 120,
  play: async (stage) => {
    const { namespace, inspector } = stage
    const { app } = await stage.connect()
    const submit = (count: number): ReadonlyArray<Promise<void>> =>
      Array.from({ length: count }, (_, at) => stage.submitted.submit(app, single(at)))
    const good = [...submit(stage.scaled(500))]
    const run = await app.start(deadly(1))
    good.push(...submit(stage.scaled(500)))

    const over = new AbortController()
    const killed = new Set<number>()
    const keepOne = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const worker = await stage.startWorker()
        await Promise.race([worker.ended, done])
        if (over.signal.aborted) await stage.kill(worker)
        else killed.add(worker.pid)
      }
    }
    const done = Promise.all([...good, run.outcome()]).finally(() => over.abort())
    await Promise.all([keepOne(), done])

    const outcome = await run.outcome()
    const error = await run.result().catch((cause: unknown) => cause)
    const begun = executionsOf(await stage.ledger()).filter(({ task }) => task === "storm.poison")
    const letters = await inspector.subjects(`${namespace}.dl.>`)
    const checked = await audit(stage, { killed, stops: [], outages: [] })
    const missed = [...checked.missed]
    const stored = await inspector.subjects(`${namespace}.r.>`)
    if (stored.size !== good.length + 1) missed.push(`${stored.size} outcomes are stored`)
    if (killed.size !== crashes) missed.push(`${killed.size} workers died, not ${crashes}`)
    if (begun.length !== crashes) missed.push(`begun ${begun.length} times, not ${crashes}`)
    if (letters.size !== 1) missed.push(`${letters.size} dead letters, not 1`)
    if (outcome._tag !== "Crashed") missed.push(`its outcome is ${outcome._tag}, not Crashed`)
    if (!(error instanceof TaskCrashed) || error.thrown.name !== "WorkerLost") {
      missed.push(`its error is ${String(error)}`)
    }
    const { figures } = checked
    return {
      ...figures,
      kills: killed.size,
      deadLetters: letters.size,
      says: String(error),
      missed
    }
  }
}
