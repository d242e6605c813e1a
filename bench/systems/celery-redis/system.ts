/** Celery with Redis alone, for messages and results. */
import type { System } from "../../system.ts"
import { celery, settings } from "../celery/adapter.ts"

export const system: System = celery("redis", {
  name: "celery-redis",
  settings,
  durability:
    "messages and results as durable as Redis; acknowledged before the run (the default), so a killed worker loses what it has begun"
})
