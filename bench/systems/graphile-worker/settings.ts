/** What graphile-worker's worker, client and setup share: the preset. */
import { Logger, WorkerPreset } from "graphile-worker"
import type { Place } from "../../system.ts"
import type { Reply } from "../answers.ts"

/** Jobs that one fetch takes; each is locked until it is done. */
export const localQueueSize = 500

/** Milliseconds that a finished job waits for others to be removed along with it. */
export const batchDelay = 0

export interface Payload<Value> {
  readonly value: Value
  readonly reply?: Reply
}

/** Without a line for each job; errors and warnings stay. */
const logger = new Logger(() => (level, message) => {
  if (level === "error" || level === "warning") console.error(message)
})

export function schema(place: Place): string {
  return `bench_${place.namespace.toLowerCase()}`
}

export function preset(place: Place): GraphileConfig.Preset {
  return {
    extends: [WorkerPreset],
    worker: {
      connectionString: place.addresses.postgres as string,
      schema: schema(place),
      logger,
      concurrentJobs: place.concurrency,
      maxPoolSize: place.concurrency + 2,
      localQueue: { size: localQueueSize },
      completeJobBatchDelay: batchDelay,
      failJobBatchDelay: batchDelay
    }
  }
}
