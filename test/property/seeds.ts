/**
 * Random workflows under random faults, seed by seed: `npm run test:seeds -- 1 10000`, and `-- 1 2000 rich` for those whose
 * branches have a schema each.
 *
 * Prints one JSON line; what disagreed is shown above it with its seed. Two processes share the work.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { disagreement, sketchOf, type Injected } from "./faulty.ts"
import { plainWorld, richWorld } from "./world.ts"

interface Report {
  readonly seeds: number
  readonly agreed: number
  readonly failures: ReadonlyArray<{ readonly seed: number; readonly wrong: string }>
  readonly faults: { readonly [kind: string]: number }
}

const [first = 1, last = 10_000] = process.argv.slice(2, 4).map(Number)
const [, , , , which = "plain"] = process.argv
const world = which === "rich" ? richWorld : plainWorld

/** Plays every second seed, so that two processes have as much to do. */
const half = async (from: number): Promise<Report> => {
  const injected: Injected = new Map()
  const failures: Array<{ readonly seed: number; readonly wrong: string }> = []
  let seeds = 0
  for (let seed = from; seed <= last; seed += 2) {
    seeds++
    const wrong = await disagreement(sketchOf(seed), seed, injected, world)
    if (wrong !== undefined) failures.push({ seed, wrong })
  }
  return { seeds, agreed: seeds - failures.length, failures, faults: Object.fromEntries(injected) }
}

const both = async (): Promise<void> => {
  const began = performance.now()
  const program = fileURLToPath(import.meta.url)
  const reports = await Promise.all(
    [first, first + 1].map(async (from) => {
      const child = fork(program, [String(from), String(last), which], {
        execArgv: ["--import", "tsx"]
      })
      const [report] = await Promise.race([once(child, "message"), died(child)])
      return report as Report
    })
  )
  const sum = (of: (report: Report) => number): number =>
    reports.reduce((total, report) => total + of(report), 0)
  const failures = reports.flatMap((report) => report.failures)
  for (const { wrong } of failures.slice(0, 10)) process.stderr.write(`${wrong}\n\n`)
  const kinds = [...new Set(reports.flatMap(({ faults }) => Object.keys(faults)))].toSorted()
  const line = {
    world: which,
    from: first,
    to: last,
    seeds: sum(({ seeds }) => seeds),
    agreed: sum(({ agreed }) => agreed),
    failures: failures.map(({ seed }) => seed),
    faults: Object.fromEntries(kinds.map((kind) => [kind, sum(({ faults }) => faults[kind] ?? 0)])),
    seconds: Math.round((performance.now() - began) / 100) / 10
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

const died = async (child: ReturnType<typeof fork>): Promise<never> => {
  const [code, signal] = await once(child, "exit")
  throw new Error(`a process of the seeds ended before it reported: ${code ?? signal}`)
}

if (process.send === undefined) await both()
else {
  process.send(await half(first), () => process.disconnect())
}
