/** Measures systems side by side, taking turns, and prints a report as Markdown. */
import { writeFile } from "node:fs/promises"
import { type Options, optionsOf } from "./options.ts"
import { type Entry, reportOf } from "./report/report.ts"
import { Samples } from "./report/samples.ts"
import { plain } from "./report/table.ts"
import { measure } from "./runner/measure.ts"
import { within } from "./runner/process.ts"
import { Services } from "./runner/services.ts"
import type { System } from "./system.ts"
import { workloads as all } from "./workloads/all.ts"
import type { Workload } from "./workloads/workload.ts"

const say = (text: string): void => void process.stderr.write(`${text}\n`)

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

const loaded = async (name: string): Promise<Entry> => {
  const { system } = (await import(`./systems/${name}/system.js`)) as { readonly system: System }
  return { system, versions: await within(60, "asking for versions", system.versions()) }
}

interface Plan {
  readonly options: Options
  readonly workloads: ReadonlyArray<Workload>
  readonly entries: ReadonlyArray<Entry>
  readonly services: Services
  readonly samples: Samples
  readonly left: Array<string>
}

const rounds = async (plan: Plan): Promise<void> => {
  const { options, workloads, entries, services, samples, left } = plan
  const out = new Set<string>()
  for (let round = 1; round <= options.rounds; round++) {
    for (const workload of workloads) {
      for (const { system } of round % 2 === 1 ? entries : entries.toReversed()) {
        const pair = `${workload.name} ${system.name}`
        if (interrupted) return
        if (out.has(pair)) continue
        const began = performance.now()
        try {
          const subject = { system, workload, quick: options.quick, profile: options.profile }
          const answer = await measure(subject, services)
          if ("wrong" in answer) throw new Wrong(`${pair}: ${answer.wrong}`)
          if ("unable" in answer) out.add(pair)
          else {
            const { measured } = answer
            samples.add({ round, workload: workload.name, system: system.name, measured })
            const shown = workload.metrics
              .filter(({ id }) => measured[id] !== undefined)
              .map(({ id }) => `${id} ${plain(measured[id]!)}`)
            const seconds = ((performance.now() - began) / 1_000).toFixed(1)
            say(`round ${round}: ${pair}: ${shown.join(", ")} (${seconds} s)`)
          }
        } catch (error) {
          if (interrupted) return
          if (error instanceof Wrong) throw error
          out.add(pair)
          left.push(`${pair}: ${reasonOf(error).replaceAll(/\s+/g, " ").slice(0, 500)}`)
          say(`round ${round}: ${pair} failed and is left out: ${reasonOf(error)}`)
        }
      }
    }
  }
}

/** A result that is not what it has to be. */
class Wrong extends Error {}

const options = optionsOf(process.argv.slice(2))
const workloads = all.filter(({ name }) => options.workloads?.includes(name) ?? true)
const services = new Services(options.profile, options.directory)
const samples = new Samples()
const left: Array<string> = []
const day = new Date().toISOString().slice(0, 10)
const entries: Array<Entry> = []

let printing: Promise<void> | undefined
const print = (): Promise<void> => (printing ??= printed())
const printed = async (): Promise<void> => {
  const { running } = services
  const report = reportOf({ day, options, workloads, entries, services: running, samples, left })
  await new Promise((resolve) => process.stdout.write(`${report}\n`, resolve))
  if (options.json === undefined) return
  await writeFile(options.json, `${JSON.stringify({ options, left, samples: samples.all })}\n`)
}

let stopping: Promise<void> | undefined
const stop = (): Promise<void> => (stopping ??= services.stop())
let interrupted = false
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // From a terminal it comes twice, and the second must not end what the first has begun.
  process.on(signal, () => {
    if (interrupted) return
    interrupted = true
    process.exitCode = 130
    say(`${signal}: stopping; what has been measured follows`)
    void print()
      .then(stop)
      .finally(() => process.exit())
  })
}

try {
  for (const name of options.only) {
    try {
      entries.push(await loaded(name))
    } catch (error) {
      left.push(`${name}: ${reasonOf(error).split("\n")[0]!}`)
      say(`${name} is left out: ${reasonOf(error)}`)
    }
  }
  await rounds({ options, workloads, entries, services, samples, left })
  await print()
  const ours = left.some((line) => /\b(raw|arpeggio):/.test(line))
  if (ours) process.exitCode = 1
} catch (error) {
  // What was measured before it is right all the same, and may have taken an hour.
  await print()
  say(error instanceof Wrong ? `WRONG RESULT: ${error.message}` : String(error))
  process.exitCode = 1
} finally {
  await stop()
}
process.exit()
