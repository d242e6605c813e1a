/** One measurement: a fresh namespace, the workers, and a client process whose questions are answered here. */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Command, Place, ServiceName, System } from "../system.ts"
import type { Profile } from "../services/service.ts"
import type { Measured, Usage, Workload } from "../workloads/workload.ts"
import { cpuOf, memoryOf, signalTree } from "./proc.ts"
import { type Process, start, within } from "./process.ts"
import { traffic } from "./traffic.ts"
import type { Services } from "./services.ts"

export interface Subject {
  readonly system: System
  readonly workload: Workload
  readonly quick: boolean
  readonly profile: Profile
}

export type Answer =
  | { readonly measured: Measured }
  | { readonly unable: true }
  | { readonly wrong: string }

/** What the client asks, and how it asks it over the channel between the processes. */
export type Question = "usage" | "startWorker" | "memory" | "freeze" | "thaw"

const client = fileURLToPath(new URL("../client-main.js", import.meta.url))

/** The worker's program as `start.ts` has bundled it; `undefined` where that could not be done. */
const bundled = (command: Command): Command | undefined => {
  const args = command.args.map((arg) => arg.replace(/worker\.js$/, "worker.bundled.mjs"))
  return args.some((arg) => arg.endsWith(".mjs") && existsSync(arg))
    ? { ...command, args }
    : undefined
}

const pidsOf = (processes: ReadonlyArray<Process>): ReadonlyArray<number> =>
  processes.map(({ pid }) => pid)

let measurements = 0

const freshNamespace = (): string => `b${process.pid.toString(36)}x${(measurements++).toString(36)}`

export const measure = async (subject: Subject, services: Services): Promise<Answer> => {
  const { system, workload, quick, profile } = subject
  const running = await services.need(system.services)
  const addresses: { [name in ServiceName]?: string } = {}
  for (const [at, name] of system.services.entries()) addresses[name] = running[at]!.address
  const place: Place = {
    addresses,
    namespace: freshNamespace(),
    concurrency: system.concurrency ?? 100,
    profile
  }
  const processes: Array<Process> = []
  const workers: Array<Process> = []

  const program = (): Command | undefined =>
    workload.bundled ? bundled(system.worker(place)) : system.worker(place)

  const startWorker = async (): Promise<{ readonly at: number }> => {
    const at = performance.timeOrigin + performance.now()
    const worker = start(`the worker of ${system.name}`, program()!)
    processes.push(worker)
    workers.push(worker)
    await within(
      60,
      "the start of the worker",
      worker.line((line) => line.trim() === "ready")
    )
    await system.register?.(place)
    return { at }
  }

  const usage = async (of: Process): Promise<Usage> => {
    const pids = running.flatMap((service) => service.pids)
    return {
      client: cpuOf([of.pid]),
      workers: cpuOf(pidsOf(workers)),
      services: cpuOf(pids),
      bytes: await traffic(running)
    }
  }

  const answer = async (question: Question, of: Process): Promise<unknown> => {
    if (question === "usage") return usage(of)
    if (question === "startWorker") return startWorker()
    if (question === "freeze") return signalTree(pidsOf(workers), "SIGSTOP")
    if (question === "thaw") return signalTree(pidsOf(workers), "SIGCONT")
    return memoryOf(pidsOf(workers))
  }

  try {
    await within(60, "the preparation", Promise.resolve(system.prepare?.(place)))
    if (program() === undefined) return { unable: true }
    if (workload.workers > 0) await startWorker()
    const asker = {
      program: process.execPath,
      args: [client, system.name, workload.name, JSON.stringify({ place, quick })]
    }
    const asking = start(`the client of ${system.name}`, asker, true)
    processes.unshift(asking)
    asking.child.on("message", (question: Question) => {
      answer(question, asking).then(
        (told) => asking.child.connected && asking.child.send({ told }),
        (error: unknown) => asking.child.connected && asking.child.send({ failed: String(error) })
      )
    })
    const line = await within(
      workload.limit,
      workload.name,
      asking.line((text) => text.startsWith("{"))
    )
    return JSON.parse(line) as Answer
  } finally {
    for (const each of processes) await each.stop()
    await within(60, "the removal", Promise.resolve(system.remove?.(place))).catch(() => undefined)
  }
}
