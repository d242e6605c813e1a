/** What a worker says when it starts: enough for a bug report. */
import type { BrokerFacts } from "../broker/broker.ts"
import { durabilityOf, shortfall } from "../broker/durability.ts"
import { runtime } from "./runtime.ts"
import type { WorkerSettings } from "./settings.ts"
import { version } from "../version.ts"

const durability = {
  always: "written to disk before it is acknowledged",
  interval: "acknowledged before it is on disk; a power cut may lose the last two minutes",
  memory: "in memory only",
  unknown: "how the server writes to disk is unknown"
} as const

export const banner = (facts: BrokerFacts, worker: string, settings: WorkerSettings): string => {
  const tasks = [...settings.tasks.keys()]
  const shown = tasks.length > 12 ? [...tasks.slice(0, 12), `and ${tasks.length - 12} more`] : tasks
  const { profile } = durabilityOf(facts)
  const short = shortfall(facts)
  return [
    `arpeggio ${version}  worker ${worker}  ${runtime}`,
    `  server       ${facts.kind === "nats" ? `nats-server ${facts.version}` : "in memory"} at ${facts.server}, namespace ${facts.namespace}${facts.domain === undefined ? "" : ` in JetStream domain ${facts.domain}`}${facts.created && facts.kind === "nats" ? " (new: created by this start)" : ""}`,
    `  durability   ${facts.replicas} ${facts.replicas === 1 ? "copy" : "copies"}; ${durability[facts.sync]}${profile === "unknown" ? "" : ` (profile "${profile}")`}`,
    ...(short === undefined ? [] : [`               ${short}`]),
    `  queues       ${settings.queues.join(", ") || "none"}`,
    `  concurrency  ${settings.concurrency}`,
    `  tasks        ${shown.join(", ") || "none"}`
  ].join("\n")
}
