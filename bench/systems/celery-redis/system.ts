/** Celery with Redis alone, for messages and results. */
import type { System } from "../../system.ts"
import { celery } from "../celery/adapter.ts"

export const system: System = celery("redis", {
  name: "celery-redis",
  durability:
    "messages and results as durable as Redis; acknowledged before the run (the default), so a killed worker loses what it has begun"
})
