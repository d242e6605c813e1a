/** Plays a storm: sets up its processes, limits its time, and leaves the evidence when a target is missed. */
import { clientOver } from "arpeggio/testing"
import type { App, AppOptions } from "arpeggio"
import { connectNats } from "../../src/nats/broker.ts"
import { usualTiming } from "../../src/nats/timing.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { seededRandom, type Random } from "../../src/testing/memory/random.ts"
import { Inspector } from "./inspector.ts"
import { startProcesses, type Processes, type ProcessesOptions } from "./processes.ts"
import { Submitted } from "./submitted.ts"

/** What a storm found; `missed` names the targets it missed. */
export interface Findings {
  readonly [figure: string]: unknown
  readonly missed: ReadonlyArray<string>
}

export interface Report extends Findings {
  readonly storm: string
  readonly seed: number
  readonly seconds: number
}

export interface Client {
  readonly app: App
  readonly broker: Broker
}

/** What a storm has at hand. */
export interface Stage extends Processes {
  readonly seed: number
  readonly scale: number
  /** The one harm that is to be done, for whoever looks for a cause; most storms know none by name. */
  readonly only: string | undefined
  /** Looks at the stream directly, past everything that is tested. */
  readonly inspector: Inspector
  readonly submitted: Submitted
  /** A generator of its own for every purpose, so that one loop's speed does not change another's choices. */
  random(purpose: string): Random
  /** A figure of the full storm, scaled; at least 1. */
  scaled(figure: number): number
  connect(options?: AppOptions): Promise<Client>
  /** Tells a person how far it is. */
  say(words: string): void
  /** Rejects when the time is over. */
  readonly over: Promise<never>
}

export interface Storm {
  readonly name: string
  /** Seconds after which it is stuck. */
  readonly limit: (scale: number) => number
  /** What its processes need besides the usual. */
  readonly processes?: ProcessesOptions
  readonly play: (stage: Stage) => Promise<Findings>
}

export interface StormOptions {
  readonly seed: number
  /** 1 is the full storm. */
  readonly scale: number
  readonly say?: (line: string) => void
  /** The one harm that is to be done. */
  readonly only?: string
  /** Of the broker. Default: 1. */
  readonly servers?: 1 | 3
  /** Keeps the ledger and the logs, whatever happens. */
  readonly keep?: boolean
}

const numberOf = (text: string): number => {
  let sum = 7
  for (const character of text) sum = (Math.imul(sum, 31) + character.codePointAt(0)!) >>> 0
  return sum
}

export const playStorm = async (storm: Storm, options: StormOptions): Promise<Report> => {
  const { seed, scale, servers = 1 } = options
  const say = options.say ?? (() => {})
  const began = Date.now()
  const seconds = (): number => Math.round((Date.now() - began) / 100) / 10
  const processes = await startProcesses(`storm-${storm.name}`, { ...storm.processes, servers })
  const { namespace, server, directory } = processes
  const inspector = await Inspector.connect(server.url, namespace)
  const submitted = new Submitted()
  const clients: Array<Client> = []
  let late: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    const limit = storm.limit(scale)
    late = setTimeout(() => reject(new Error(`not over after ${limit} s`)), limit * 1_000)
  })
  over.catch(() => {})
  const stage: Stage = {
    ...processes,
    seed,
    scale,
    only: options.only,
    inspector,
    submitted,
    random: (purpose) => seededRandom((seed + numberOf(purpose)) >>> 0),
    scaled: (figure) => Math.max(1, Math.round(figure * scale)),
    connect: async (options) => {
      const broker = await connectNats(
        { servers: server.url, namespace, replicas: servers },
        { ...usualTiming, lease: 2_000 }
      )
      const client = { broker, app: await clientOver(broker, options) }
      clients.push(client)
      return client
    },
    say: (words) => say(`${storm.name} ${seconds()} s: ${words}`),
    over
  }
  say(`${storm.name}: seed ${seed}, scale ${scale}, ledger and logs in ${directory}`)
  let findings: Findings
  try {
    findings = await Promise.race([storm.play(stage), over])
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    findings = { tasks: submitted.tasks, lost: submitted.unfinished().length, missed: [words] }
    say(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  }
  clearTimeout(late)
  const failed = findings.missed.length > 0
  const report: Report = { storm: storm.name, seed, scale, seconds: seconds(), ...findings }
  if (failed) {
    say(`missed: ${report.missed.join("; ")}`)
    say(await inspector.evidence(submitted.unfinished(), processes))
  }
  const keep = failed || options.keep === true
  if (keep) say(`ledger and logs are kept in ${directory}`)
  await Promise.all(clients.map(({ app }) => app.close().catch(() => {})))
  await inspector.close()
  await processes.end(keep)
  return report
}
