/** Workers are told to stop while they are busy: once, twice, three times, and then killed. Nothing is lost, and what drains costs no attempt. */
import { setTimeout as sleep } from "node:timers/promises"
import { audit } from "../audit.ts"
import { executionsOf, type Execution } from "../ledger.ts"
import type { Worker } from "../processes.ts"
import type { Stage, Storm } from "../stage.ts"
import { between, slowJob } from "../workload.ts"

/** Of the workers' `grace`, in milliseconds. */
const grace = 2_000

/** From the signal until nothing more is begun, in milliseconds: what was on its way to the worker still begins. */
const atOnce = 250

/** Resolves once a worker executes that many steps at the same time. */
const busy = async (stage: Stage, { pid }: Worker, least: number): Promise<void> => {
  for (;;) {
    const running = executionsOf(await stage.ledger()).filter(
      (one) => one.pid === pid && one.ended === undefined
    )
    if (running.length >= least) return
    await sleep(20)
  }
}

interface Told {
  readonly pid: number
  readonly at: number
  readonly code: number | string
  readonly left: number
}

/** What a worker that was told once did after it was told. */
const wrongWith = (told: Told, executions: ReadonlyArray<Execution>): ReadonlyArray<string> => {
  const own = executions.filter(({ pid }) => pid === told.pid)
  const late = own.filter(({ began }) => began > told.at + atOnce)
  const cut = own.filter(
    ({ ended, input, began }) =>
      ended === undefined && began + Number(input) < told.at + grace - atOnce
  )
  return [
    ...(told.code === 0 ? [] : [`exit ${told.code} after one SIGTERM`]),
    ...(told.left <= grace + 3_000 ? [] : [`it took ${told.left} ms to stop`]),
    ...(late.length === 0 ? [] : [`${late.length} steps begun after SIGTERM`]),
    ...(cut.length === 0
      ? []
      : [`${cut.length} steps cut off that would have ended within the grace`])
  ]
}

export const sigterm: Storm = {
  name: "sigterm",
  limit: (scale) => 150 + 200 * scale,
  play: async (stage) => {
    const { submitted, inspector, namespace } = stage
    const random = stage.random("sigterm")
    const { app } = await stage.connect()
    const start = (): Promise<Worker> => stage.startWorker({ SERVE: "1" })
    const over = new AbortController()
    const lane = async (_: unknown, at: number): Promise<void> => {
      const random = stage.random(`lane ${at}`)
      while (!over.signal.aborted) {
        // Most end within the grace, some do not.
        const long = random() < 0.1
        await submitted.submit(
          app,
          slowJob(long ? between(random, 3_000, 5_000) : between(random, 50, 900))
        )
      }
    }
    const up = await Promise.all([start(), start(), start()])
    const load = Promise.all(Array.from({ length: 24 }, lane))
    const told: Array<Told> = []
    const rounds = stage.scaled(20)
    for (let round = 0; round < rounds; round++) {
      const worker = up.shift()!
      await busy(stage, worker, 4)
      await sleep(between(random, 0, 300))
      const at = Date.now()
      worker.child.kill("SIGTERM")
      const [code] = await Promise.all([worker.ended, start().then((next) => up.push(next))])
      told.push({ pid: worker.pid, at, code, left: Date.now() - at })
      stage.say(`round ${round + 1} of ${rounds}: ${code} after ${Date.now() - at} ms`)
    }
    const consumed = await inspector.subjects(`${namespace}.a.>`)

    // Two and three presses, more than a second apart, stop it at once; a kill does, and what ran runs again once its lease is over.
    const killed = new Set<number>()
    const codes: Array<number | string> = []
    for (const signals of [2, 3, 0]) {
      const worker = up.shift()!
      await busy(stage, worker, 4)
      killed.add(worker.pid)
      for (let sent = 0; sent < signals; sent++) {
        worker.child.kill("SIGTERM")
        await sleep(between(random, 1_050, 1_200))
      }
      if (signals === 0) {
        worker.child.kill("SIGTERM")
        await sleep(between(random, 0, 500))
        worker.child.kill("SIGKILL")
      }
      codes.push(await worker.ended)
      up.push(await start())
    }
    over.abort()
    stage.say("waiting for what the stopped workers had under way")
    await load

    const { figures, missed, executions } = await audit(stage, {
      killed,
      stops: drained(told),
      outages: []
    })
    const wrong = told.flatMap((one) => wrongWith(one, executions))
    const attempts = executions.filter(({ attempt }) => attempt !== 1).length
    const must = [...missed, ...wrong]
    if (consumed.size > 0)
      must.push(`${consumed.size} attempts noted: ${[...consumed.keys()].join(", ")}`)
    if (attempts > 0) must.push(`${attempts} executions were not attempt 1`)
    // By the second press it may have finished what ran.
    if (![codes[0], codes[1]].every((code) => code === 143 || code === 0))
      must.push(`exit codes ${codes.join(", ")}`)
    return {
      ...figures,
      kills: killed.size,
      zombies: 0,
      brokerKills: 0,
      drained: told.length,
      codes: told.map(({ code }) => code).concat(codes),
      slowestDrain: Math.max(...told.map(({ left }) => left)) / 1_000,
      attemptsConsumed: consumed.size,
      missed: must
    }
  }
}

/** What a worker gave back at the end of its grace is executed again elsewhere. */
const drained = (told: ReadonlyArray<Told>) =>
  told.map(({ pid, at, left }) => ({ pid, from: at, to: at + left }))
