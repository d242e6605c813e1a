/** What pg-boss's worker, client and setup share: the schema, the queues, and how each instance is made. */
import { PgBoss } from "pg-boss"
import type { Place } from "../../system.ts"
import type { Reply } from "../answers.ts"

export const queues = ["inc", "echo"] as const

/** Jobs that one fetch takes, and fetches side by side. */
export const batchSize = 500
export const localConcurrency = 2

export interface Data<Value> {
  readonly value: Value
  readonly reply?: Reply
}

/** Its name starts with a letter whatever the namespace is. */
export function schema(place: Place): string {
  return `bench_${place.namespace.toLowerCase()}`
}

/** Only the worker looks after the tables; nobody schedules. */
export function instance(place: Place, role: "setup" | "worker" | "client"): PgBoss {
  const boss = new PgBoss({
    connectionString: place.addresses.postgres as string,
    schema: schema(place),
    application_name: `bench ${role}`,
    max: 10,
    supervise: role === "worker",
    schedule: false,
    migrate: role === "setup",
    useListenNotify: role === "worker"
  })
  boss.on("error", (error: unknown) => console.error(error))
  return boss
}
