/** The leader storm: chords run on a cluster while the server that leads their stream is killed and paused, again and again. */
import { setTimeout as sleep } from "node:timers/promises"
import { chain, chord } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { streamOf } from "../../src/encode/subjects.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { seededRandom } from "../../src/testing/memory/random.ts"
import { body, member, tail } from "../chaos/tasks.ts"
import { type Cluster, startCluster } from "./servers.ts"
import { Stall } from "./stall.ts"
import { startWorkers } from "./workers.ts"

export interface LeaderStormOptions {
  readonly seed: number
  /** Default: 500. */
  readonly chords?: number
  /** Kills of the leader, and as many pauses. Default: 4. */
  readonly each?: number
  /** Where progress goes, a line each. Default: nowhere. */
  readonly say?: (line: string) => void
}

export interface LeaderReport {
  readonly storm: "leader"
  readonly seed: number
  readonly leaderKills: number
  readonly leaderPauses: number
  readonly chords: number
  /** Accepted, and without the right result. */
  readonly lost: number
  /** Chords with more than one body step or input, and outcomes beyond one a run. */
  readonly doubleCommits: number
  readonly extraExecutions: number
  /** The longest time in which no run ended although some were under way, in seconds, as the caller saw it. */
  readonly longestStall: number
  readonly seconds: number
  /** What was promised and did not hold. Empty, if all is well. */
  readonly missed: ReadonlyArray<string>
}

const namespace = "leader"
const stream = streamOf(namespace)

/** Chords under way at a time. */
const together = 40

/** Long enough for an election (4 to 9 s), short enough that a call whose delivery died with a server comes again soon. */
const lease = 10_000

const longestStall = 15

/** How long a run may take until it is given up as lost, in milliseconds. */
const patience = 120_000

type Random = (below: number) => number

type Fault = "kill" | "pause"

/** Half kills, half pauses, in an order of the seed's. */
const faultsOf = (each: number, random: Random): ReadonlyArray<Fault> => {
  const faults = Array.from({ length: 2 * each }, (_, at): Fault => (at < each ? "kill" : "pause"))
  for (let at = faults.length - 1; at > 0; at--) {
    const other = random(at + 1)
    ;[faults[at], faults[other]] = [faults[other]!, faults[at]!]
  }
  return faults
}

/** Makes it happen to whoever leads now, and waits until all three are together again. */
const inflict = async (cluster: Cluster, fault: Fault, random: Random): Promise<string> => {
  const leader = await cluster.leaderOf(stream)
  if (fault === "kill") {
    await leader.kill()
    await sleep(500 + random(5_000))
    await leader.start()
  } else {
    // Longer than any election, so that there are two leaders for a moment when it goes on.
    leader.pause()
    await sleep(10_000 + random(3_000))
    leader.resume()
  }
  await cluster.whole(stream)
  return leader.name
}

interface Played {
  readonly run: string
  readonly result: number
  readonly expected: number
}

export const leaderStorm = async (options: LeaderStormOptions): Promise<LeaderReport> => {
  const { seed, chords = 500, each = 4, say = () => {} } = options
  const next = seededRandom(seed)
  const random: Random = (below) => Math.floor(next() * below)
  const faults = faultsOf(each, random)
  const sizes = Array.from({ length: chords }, () => 10 + random(11))
  const cluster = await startCluster()
  const missed: Array<string> = []
  const stall = new Stall()
  const played: Array<Played> = []
  let accepted = 0
  let kills = 0
  let pauses = 0

  const closings: Array<() => Promise<void>> = [() => cluster.stop()]
  const opened = async () => {
    const broker = await connectNats({ servers: cluster.url, namespace, replicas: 3 }, { lease })
    const app = await clientOver(broker)
    closings.unshift(() => app.close())
    const workers = await startWorkers({ url: cluster.url, namespace, count: 2, lease })
    closings.unshift(() => workers.stop())
    return { broker, app, workers }
  }
  const close = async (): Promise<void> => {
    for (const closing of closings) await closing()
  }
  const { broker, app, workers } = await opened().catch(async (error: unknown) => {
    await close()
    throw error
  })
  const began = performance.now()

  const play = async (number: number): Promise<void> => {
    const first = number * 100
    const members = Array.from({ length: sizes[number]! }, (_, at) => first + at)
    const workflow = chain(
      chord(
        members.map((value) => member(value)),
        body()
      ),
      tail(number)
    )
    const expected = members.reduce((sum, value) => sum + value + 1, 0) + number
    stall.begin()
    try {
      const run = await app.start(workflow)
      accepted += 1
      const late = sleep(patience, undefined, { ref: false }).then(() =>
        Promise.reject(new Error(`no result within ${patience / 1000} s`))
      )
      const result = await Promise.race([run.result(), late])
      played.push({ run: run.id, result, expected })
    } catch (error) {
      missed.push(`chord ${number}: ${String(error)}`)
    } finally {
      stall.end()
    }
  }

  /** Plays a stretch of chords, many at a time; the fault comes while most of them are still to end. */
  const stretch = async (from: number, to: number, fault: Fault | undefined): Promise<void> => {
    const trigger = from + 1 + random(Math.max(1, Math.floor((to - from) / 3)))
    let at = from
    let ended = from
    let start: () => void = () => {}
    const triggered = new Promise<void>((resolve) => (start = resolve))
    const lane = async (): Promise<void> => {
      while (at < to) {
        await play(at++)
        if (++ended >= trigger) start()
      }
    }
    const work = Promise.all(Array.from({ length: together }, lane)).then(start)
    if (fault !== undefined) {
      await triggered
      if (ended === to) missed.push(`a ${fault} came when no work was left`)
      const name = await inflict(cluster, fault, random)
      if (fault === "kill") kills += 1
      else pauses += 1
      say(
        `${fault} of ${name} after ${ended} of ${chords} chords, longest stall ${stall.longest} s`
      )
    }
    await work
  }

  try {
    const stretches = faults.length + 1
    const edge = (at: number): number => Math.floor((chords * at) / stretches)
    for (let at = 0; at < stretches; at++) await stretch(edge(at), edge(at + 1), faults[at])
    const seconds = Math.round((performance.now() - began) / 100) / 10

    const right = played.filter(({ result, expected }) => result === expected)
    if (right.length !== chords) missed.push(`${right.length} of ${chords} results are right`)
    const ledger = await workers.ledger()
    const started = ledger.filter(({ event }) => event === "began")
    const bodies = started.filter(({ task }) => task === "storm.body")
    let doubleCommits = 0
    for (const { run } of played) {
      const own = bodies.filter((entry) => entry.run === run)
      const distinct = new Set(own.map(({ id, input }) => `${id} ${JSON.stringify(input)}`)).size
      if (distinct !== 1) {
        doubleCommits += 1
        missed.push(`run ${run} has ${distinct} distinct bodies`)
      }
    }
    const outcomes = await broker.readAll(`${namespace}.r.>`)
    if (outcomes.length !== accepted) {
      doubleCommits += Math.max(0, outcomes.length - accepted)
      missed.push(`${outcomes.length} outcomes of ${accepted} accepted runs are stored`)
    }
    const steps = new Set(started.map(({ run, id }) => `${run} ${id}`)).size
    for (const end of workers.ended) missed.push(`a worker ended by itself (${end})`)
    if (stall.longest > longestStall) {
      missed.push(`nothing ended for ${stall.longest} s, more than ${longestStall} s`)
    }
    return {
      storm: "leader",
      seed,
      leaderKills: kills,
      leaderPauses: pauses,
      chords,
      lost: accepted - right.length,
      doubleCommits,
      extraExecutions: started.length - steps,
      longestStall: stall.longest,
      seconds,
      missed
    }
  } finally {
    await close()
  }
}
