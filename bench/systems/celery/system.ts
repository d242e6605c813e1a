/** Celery as it is meant to be run: RabbitMQ carries the messages, Redis keeps the results. */
import type { System } from "../../system.ts"
import { celery } from "./adapter.ts"

export const system: System = celery("rabbitmq", {
  name: "celery",
  durability:
    "durable queue and persistent messages without publisher confirms; acknowledged before the run (the default), so a killed worker loses what it has begun; results as durable as Redis"
})
