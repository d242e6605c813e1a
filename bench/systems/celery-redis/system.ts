/** Celery with Redis alone, for messages and results. */
import type { System } from "../../system.ts"
import { celery } from "../celery/adapter.ts"

export const system: System = celery("redis", {
  name: "celery-redis",
  settings: "",
  durability: ""
})
