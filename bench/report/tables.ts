/** The tables of a workload: what each system reached, and what that is to the raw client and to Arpeggio. */
import type { Workload } from "../workloads/workload.ts"
import type { Samples } from "./samples.ts"
import { spread, table } from "./table.ts"

interface Row {
  readonly name: string
  readonly cells: ReadonlyArray<string>
}

/** A metric a column; where there are too many of them, a metric a row. */
const arranged = (corner: string, workload: Workload, rows: ReadonlyArray<Row>): string => {
  const titles = workload.metrics.map(({ title }) => title)
  if (titles.length <= 5) {
    return table(
      [corner, ...titles],
      rows.map(({ name, cells }) => [name].concat(cells))
    )
  }
  return table(
    [corner, ...rows.map(({ name }) => name)],
    titles.map((title, at) => [title].concat(rows.map(({ cells }) => cells[at]!)))
  )
}

const values = (workload: Workload, samples: Samples, systems: ReadonlyArray<string>): string =>
  arranged(
    "",
    workload,
    systems.map((name) => ({
      name,
      cells: workload.metrics.map((metric) => spread(samples.spread(workload, metric, name)))
    }))
  )

/** Every system to raw, and Arpeggio to every other. */
const pairs = (systems: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> => {
  const raw = systems.includes("raw")
    ? systems.filter((name) => name !== "raw").map((name) => [name, "raw"] as const)
    : []
  const peers = systems.includes("arpeggio")
    ? systems
        .filter((name) => name !== "raw" && name !== "arpeggio")
        .map((name) => ["arpeggio", name] as const)
    : []
  return [...raw, ...peers]
}

export const tablesOf = (
  workload: Workload,
  samples: Samples,
  systems: ReadonlyArray<string>
): string => {
  const present = systems.filter((system) => samples.has(workload, system))
  const parts = [`### ${workload.name} ${workload.title}`]
  if (present.length === 0) return `${parts[0]!}\n\nNothing was measured.`
  parts.push(values(workload, samples, present))
  const compared = pairs(present)
  if (compared.length > 0) {
    parts.push(
      arranged(
        "ratio",
        workload,
        compared.map(([left, right]) => ({
          name: `${left} : ${right}`,
          cells: workload.metrics.map((metric) =>
            spread(samples.ratio(workload, metric, left, right))
          )
        }))
      )
    )
  }
  return parts.join("\n\n")
}
