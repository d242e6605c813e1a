/** The broker is away for a minute: every worker and every client works again by itself soon after it is back. */
import { setTimeout as sleep } from "node:timers/promises"
import { audit } from "../audit.ts"
import type { Absence } from "../ledger.ts"
import type { Client, Stage, Storm } from "../stage.ts"
import { between, keepSubmitting, randomJob, single } from "../workload.ts"

const workers = 3
const clients = 3

/** How soon after the broker everything shall work again, in seconds. */
const soon = 5

/** Seconds from the moment the broker is back until a client has had a new run done. */
const clientRecovery = async (stage: Stage, { app }: Client, back: number): Promise<number> => {
  await stage.submitted.submit(app, single(1))
  return (Date.now() - back) / 1_000
}

/** Seconds from the moment the broker is back until every worker has begun something, by their process ids. */
const workerRecovery = async (
  stage: Stage,
  pids: ReadonlyArray<number>,
  back: number,
  patience: number
): Promise<ReadonlyMap<number, number>> => {
  const found = new Map<number, number>()
  while (found.size < pids.length && Date.now() - back < patience) {
    for (const { event, pid, at } of await stage.ledger()) {
      if (event === "began" && at > back && !found.has(pid)) found.set(pid, (at - back) / 1_000)
    }
    await sleep(50)
  }
  return found
}

export const outage: Storm = {
  name: "outage",
  limit: (scale) => 90 + 90 * scale,
  play: async (stage) => {
    const { server, submitted } = stage
    const random = stage.random("outage")
    const up = await Promise.all(Array.from({ length: workers }, () => stage.startWorker()))
    const pids = up.map(({ pid }) => pid)
    const connected = await Promise.all(Array.from({ length: clients }, () => stage.connect()))
    let over = false
    const load = Promise.all(
      connected.map((client) => keepSubmitting(stage, client, 5, () => over))
    )
    await workerRecovery(stage, pids, Date.now(), 10_000)
    const before = submitted.all.length

    const away = 60_000 * stage.scale
    stage.say(`the broker goes for ${away} ms`)
    const from = Date.now()
    server.kill()
    await sleep(between(random, 0.5 * away, away))
    // A start while the broker is away waits for it, and is either refused or stored.
    const duringIt = connected.map(({ app }) => submitted.submit(app, randomJob(random)))
    await sleep(Math.max(0, from + away - Date.now()))
    await server.restart()
    const back = Date.now()
    const outages: ReadonlyArray<Absence> = [{ from, to: back }]
    stage.say("it is back")

    const [ofWorkers, ...ofClients] = await Promise.all([
      workerRecovery(stage, pids, back, 30_000),
      ...connected.map((client) => clientRecovery(stage, client, back))
    ])
    over = true
    await Promise.all([load, ...duringIt])
    const { figures, missed } = await audit(stage, { killed: new Set(), stops: [], outages })
    const slowestClient = Math.max(...ofClients)
    const slowestWorker = Math.max(...pids.map((pid) => ofWorkers.get(pid) ?? Infinity))
    const must: Array<string> = [...missed]
    if (!(slowestClient <= soon)) must.push(`a client needed ${slowestClient} s`)
    if (!(slowestWorker <= soon)) must.push(`a worker needed ${slowestWorker} s`)
    if (before === 0) must.push("nothing had ended before the outage")
    if (up.some(({ child }) => child.exitCode !== null)) must.push("a worker ended")
    return {
      ...figures,
      kills: 0,
      zombies: 0,
      brokerKills: 1,
      awaySeconds: away / 1_000,
      clientsWorkAfter: ofClients,
      workersWorkAfter: pids.map((pid) => ofWorkers.get(pid) ?? null),
      missed: must
    }
  }
}
