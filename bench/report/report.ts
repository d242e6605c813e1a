/** The whole report as Markdown. */
import type { Options } from "../options.ts"
import type { Running } from "../services/service.ts"
import type { System } from "../system.ts"
import type { Workload } from "../workloads/workload.ts"
import { machine } from "./machine.ts"
import type { Samples } from "./samples.ts"
import { table } from "./table.ts"
import { tablesOf } from "./tables.ts"
import { targetTable } from "./targets.ts"

export interface Entry {
  readonly system: System
  readonly versions: { readonly [part: string]: string }
}

export interface Findings {
  readonly options: Options
  readonly workloads: ReadonlyArray<Workload>
  readonly entries: ReadonlyArray<Entry>
  readonly services: ReadonlyMap<string, Running>
  readonly samples: Samples
  /** When: year, month and day. */
  readonly day: string
  /** What was left out, and why. */
  readonly left: ReadonlyArray<string>
}

const systemTable = (entries: ReadonlyArray<Entry>): string =>
  table(
    ["system", "versions", "settings", "durability"],
    entries.map(({ system, versions }) => [
      system.name,
      Object.entries(versions)
        .map((part) => part.join(" "))
        .join(", "),
      system.settings + (system.results ? "" : "; no results: the worker's being done is awaited"),
      system.durability
    ]),
    "text"
  )

const serviceTable = (services: ReadonlyMap<string, Running>): string =>
  table(
    ["service", "version", "settings"],
    [...services].map(([name, { version, settings }]) => [name, version, settings]),
    "text"
  )

export const reportOf = (findings: Findings): string => {
  const { options, workloads, entries, services, samples, left } = findings
  const names = entries.map(({ system }) => system.name)
  const rounds =
    options.rounds === 1
      ? "One round."
      : `Medians of ${options.rounds} rounds, with the least and the most; ratios are taken within each round.`
  const parts = [
    `## Measured on ${findings.day}`,
    `${machine(options.directory)}. ${rounds}${options.quick ? " Quick: short runs that show that it works, not how fast it is." : ""}`,
    systemTable(entries),
    serviceTable(services),
    ...workloads.map((workload) => tablesOf(workload, samples, names)),
    targetTable(samples)
  ]
  if (left.length > 0) parts.push(`### Left out\n\n${left.map((each) => `- ${each}`).join("\n")}`)
  return parts.filter((part) => part !== "").join("\n\n")
}
