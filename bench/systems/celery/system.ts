/** Celery as it is meant to be run: RabbitMQ carries the messages, Redis keeps the results. */
import type { System } from "../../system.ts"
import { celery } from "./adapter.ts"

export const system: System = celery("rabbitmq", {
  name: "celery",
  settings: "",
  durability: ""
})
