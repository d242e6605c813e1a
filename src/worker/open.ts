/** A worker over its connection: opened together, and let go together. */
import { findServer } from "../dev-server/find.ts"
import { openBroker, type OpenBroker } from "../nats/open.ts"
import { countdown } from "../broker/time.ts"
import { banner } from "./banner.ts"
import type { Worker } from "./layer.ts"
import type { Busy } from "./running-handlers.ts"
import type { WorkerOptions } from "./serve.ts"
import { keepSchedules, tellUnserved } from "./schedules.ts"
import type { WorkerSettings } from "./settings.ts"
import { WorkerLoop } from "./worker.ts"

/** How much longer than its grace a worker may take to stop, in milliseconds, whatever the broker does. */
const afterGrace = 1_500

/** How long the farewell to the broker may take, and to one that did not store what it was sent, in milliseconds. */
const polite = 2_000
const shortly = 400

/** Connects and starts taking calls. */
export const openWorker = async (
  settings: WorkerSettings,
  options: WorkerOptions,
  opened?: OpenBroker
): Promise<Worker> => (await openLoop(settings, options, opened)).worker

/** A worker, and what only its process does with it. */
interface Opened {
  readonly worker: Worker
  /** Drains without letting anything finish. */
  readonly hurry: () => Promise<void>
  /** The handlers that run. */
  readonly running: () => ReadonlyArray<Busy>
}

export const openLoop = async (
  settings: WorkerSettings,
  options: WorkerOptions,
  opened?: OpenBroker
): Promise<Opened> => {
  const { broker, close } = opened ?? (await openBroker(options, findServer))
  const loop = new WorkerLoop(broker, settings)
  settings.print(banner(broker.facts, loop.name, settings))
  try {
    await loop.start()
  } catch (cause) {
    await close()
    throw cause
  }
  if (settings.schedules !== undefined) {
    tellUnserved(settings.schedules, settings.tasks, settings.print)
  }
  const schedules = settings.schedules && keepSchedules(broker, settings.schedules, settings.print)
  await schedules?.begun
  void broker.ended.then((reason) => {
    if (reason !== undefined) {
      settings.print(`arpeggio: worker ${loop.name} works no more. ${reason.message}`)
    }
    return undefined
  })
  let drained: Promise<void> | undefined
  const drain = (): Promise<void> => (drained ??= stop())
  const stop = async (): Promise<void> => {
    schedules?.stop()
    const left = countdown(settings.grace + afterGrace)
    const stored = await loop.drain(settings.grace)
    await close(stored ? Math.min(polite, Math.max(shortly, left())) : shortly)
  }
  const worker: Worker = {
    name: loop.name,
    drain,
    health: () => loop.health(),
    ended: broker.ended,
    [Symbol.asyncDispose]: drain
  }
  const hurry = (): Promise<void> => {
    loop.hurry()
    return drain()
  }
  return { worker, hurry, running: () => loop.steps }
}
