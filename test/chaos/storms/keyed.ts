/** The same keyed start is made five times, around a restart of the broker: one run, one outcome, and nothing executed once that is final. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Run, Workflow } from "arpeggio"
import { audit } from "../audit.ts"
import { executionsOf, type Absence } from "../ledger.ts"
import type { Storm } from "../stage.ts"
import { between, single, type Job } from "../workload.ts"

const times = 5

const withKey = (workflow: Workflow<void, number>, key: string): Workflow<void, number> => {
  const keyable = workflow as unknown as { with?: (options: object) => Workflow<void, number> }
  if (typeof keyable.with !== "function") throw new Error("workflows have no .with({ key }) yet")
  return keyable.with({ key })
}

export const keyed: Storm = {
  name: "keyed",
  limit: (scale) => 90 + 200 * scale,
  play: async (stage) => {
    const { submitted, inspector, namespace } = stage
    const random = stage.random("keyed")
    await Promise.all([stage.startWorker(), stage.startWorker()])
    const clients = [await stage.connect(), await stage.connect(), await stage.connect()]
    const keys = stage.scaled(1_000)
    const first = new Map<number, Run<number>>()
    const missed: Array<string> = []
    const outages: Array<Absence> = []

    const startAll = async (round: number): Promise<void> => {
      const left = Array.from({ length: keys }, (_, key) => key)
      const lane = async (): Promise<void> => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) {
          const job: Job = single(key)
          const { app } = clients[(key + round) % clients.length]!
          // What was refused was not accepted: it is started again, as a caller would.
          let run: Run<number> | undefined
          while (run === undefined) {
            run = await app
              .start(withKey(job.workflow, `k${key}`))
              .catch(async (cause: unknown) => {
                if (String(cause).includes(".with(")) throw cause
                submitted.refused.push(String(cause))
                await sleep(100)
                return undefined
              })
          }
          const known = first.get(key)
          if (known === undefined) {
            first.set(key, run)
            void submitted.watch(run, job)
          } else if (known.id !== run.id) missed.push(`k${key}: ${known.id} and ${run.id}`)
          else if ((await run.result()) !== job.expected) missed.push(`k${key}: another result`)
        }
      }
      await Promise.all(Array.from({ length: 20 }, lane))
    }
    const restart = async (): Promise<void> => {
      await sleep(between(random, 20, 400))
      const from = Date.now()
      stage.server.kill()
      await sleep(between(random, 0, 500))
      await stage.server.restart()
      outages.push({ from, to: Date.now() })
    }
    await startAll(0)
    await Promise.all([startAll(1), restart()])
    while (submitted.all.some(({ ended }) => ended === undefined)) await sleep(20)
    const executed = executionsOf(await stage.ledger()).length
    await restart()
    for (let round = 2; round < times; round++) await startAll(round)
    const again = executionsOf(await stage.ledger()).length - executed

    const { figures, missed: wrong } = await audit(stage, { killed: new Set(), stops: [], outages })
    const stored = await inspector.subjects(`${namespace}.r.>`)
    if (again > 0) missed.push(`${again} executions after every outcome was final`)
    if (stored.size !== keys) missed.push(`${stored.size} outcomes of ${keys} keys`)
    return {
      ...figures,
      kills: 0,
      zombies: 0,
      brokerKills: outages.length,
      keys,
      starts: keys * times,
      executionsOnceFinal: again,
      missed: [...missed.slice(0, 10), ...wrong]
    }
  }
}
