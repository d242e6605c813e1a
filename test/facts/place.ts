/** A server, a worker and a client for the tests of one fact; everything ends with the test. */
import * as Schema from "effect/Schema"
import { onTestFinished } from "vitest"
import { task } from "arpeggio"
import type { AnyTask, App } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import type { NatsOptions } from "../../src/nats/options.ts"
import type { Timing } from "../../src/nats/timing.ts"
import type { Worker } from "../../src/worker/layer.ts"
import type { WorkerOptions } from "../../src/worker/serve.ts"

export const namespace = "facts"
export const stream = `arpeggio-${namespace}`

export const double = task(
  "facts.double",
  { input: [Schema.Finite], output: Schema.Finite },
  (x) => x * 2
)

interface At {
  readonly url: string
}

export const workerAt = async (
  at: At,
  tasks: ReadonlyArray<AnyTask> = [double],
  timing: Partial<Timing> = {},
  options: Partial<NatsOptions> & { readonly print?: (line: string) => void } = {},
  settings: WorkerOptions = {}
): Promise<Worker> => {
  const { print, ...more } = options
  const say = print === undefined ? {} : { say: print }
  const broker = await connectNats({ servers: at.url, namespace, ...say, ...more }, timing)
  const worker = await workerOver(broker, tasks as never, {
    grace: "100 millis",
    ...settings,
    ...(print === undefined ? {} : { print })
  })
  onTestFinished(() => worker.drain())
  return worker
}

export const clientAt = async (
  at: At,
  timing: Partial<Timing> = {},
  options: Partial<NatsOptions> = {}
): Promise<App> => {
  const app = await clientOver(
    await connectNats({ servers: at.url, namespace, ...options }, timing)
  )
  onTestFinished(() => app.close())
  return app
}

/**
 * Milliseconds that something took, without those in which this process was kept waiting for a processor: as many as it could
 * beat. For what must not take longer than so, on a machine that may have other things to do.
 */
export const tookHere = async (work: () => Promise<unknown>): Promise<number> => {
  let beats = 0
  const beat = setInterval(() => (beats += 1), 10)
  try {
    await work()
  } finally {
    clearInterval(beat)
  }
  return beats * 10
}

/** Milliseconds that something took. */
export const took = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}
