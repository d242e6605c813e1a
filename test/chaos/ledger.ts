/** The ledger of executions that handlers keep outside the system, and what it says of repeated ones. */
import { readFile } from "node:fs/promises"

/** A line of the ledger. */
export interface Entry {
  /** `committed` is the worker's word that the outcome is stored; it names no execution. */
  readonly event: "began" | "ended" | "committed"
  readonly run: string
  readonly id: string
  readonly task: string
  readonly pid: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly input?: unknown
  /** Counts within its process. */
  readonly execution?: number
  readonly attempt?: number
}

/** A line about a process that could do nothing for a while, until `at`. */
interface Stalled {
  readonly event: "stalled"
  readonly pid: number
  readonly from: number
  readonly at: number
}

/** One execution of one attempt of a step. */
export interface Execution {
  /** Names the step, and the attempt from the second on. */
  readonly step: string
  readonly run: string
  readonly task: string
  readonly pid: number
  readonly attempt: number
  readonly input: unknown
  readonly began: number
  ended?: number
  committed?: number
}

/** A stretch in which something was away. */
export interface Absence {
  readonly from: number
  readonly to: number
}

/** A stretch in which a process was stopped. */
export interface Stop extends Absence {
  readonly pid: number
}

/** What was done to the processes of a storm. */
export interface Harm {
  /** Process ids of workers that were killed. */
  readonly killed: ReadonlySet<number>
  readonly stops: ReadonlyArray<Stop>
  /** From the kill of the broker until it was back. */
  readonly outages: ReadonlyArray<Absence>
}

/** Lines that a kill has cut off, and one that is just being written, are left out. */
const linesOf = async (file: string): Promise<ReadonlyArray<Entry | Stalled>> => {
  const text = await readFile(file, "utf8").catch(() => "")
  return text
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as Entry | Stalled)
}

export const readLedger = async (file: string): Promise<ReadonlyArray<Entry>> =>
  (await linesOf(file)).filter((line) => line.event !== "stalled")

/** When processes could do nothing although nobody had stopped them: the machine had no time for them. */
export const readStalls = async (file: string): Promise<ReadonlyArray<Stop>> =>
  (await linesOf(file)).flatMap((line) =>
    line.event === "stalled" ? [{ pid: line.pid, from: line.from, to: line.at }] : []
  )

export const executionsOf = (ledger: ReadonlyArray<Entry>): ReadonlyArray<Execution> => {
  const byNumber = new Map<string, Execution>()
  const latest = new Map<string, Execution>()
  for (const entry of ledger) {
    const step = `${entry.run}/${entry.id}`
    const number = `${entry.pid}/${entry.execution}`
    if (entry.event === "began") {
      const { run, task, pid, attempt = 1, input, at: began } = entry
      const one = attempt === 1 ? step : `${step}, attempt ${attempt}`
      const execution: Execution = { step: one, run, task, pid, attempt, input, began }
      byNumber.set(number, execution)
      latest.set(`${pid}/${step}`, execution)
    } else if (entry.event === "ended") {
      const execution = byNumber.get(number)
      if (execution !== undefined) execution.ended = entry.at
    } else {
      const execution = latest.get(`${entry.pid}/${step}`)
      if (execution !== undefined) execution.committed ??= entry.at
    }
  }
  return [...byNumber.values()]
}

/** How long after it goes on a stopped process may still begin what it was given before, in milliseconds. */
const awakening = 1_000

/**
 * How long after the broker is back what was sent into its last moments may be there twice, in milliseconds: its writer
 * sends it again, and both copies may be looked up before either is stored.
 */
const echo = 1_000

export interface Repeats {
  readonly executions: number
  readonly steps: number
  /** Executions beyond the first of their step. */
  readonly extra: number
  /** Begun and not ended when their worker or the broker was killed, under way when theirs was stopped, or begun there again when it went on. */
  readonly allowed: number
  /** Ended, but a kill or a stop came before their outcome was known to be stored. */
  readonly uncommitted: number
  /** Repeated after a broker kill alone: a broker that is killed forgets what it has handed out. */
  readonly forgotten: number
  /** Ended, although another execution of the step ended as well: all but one were fenced. */
  readonly fenced: number
  /** Repeated with neither a kill nor a stop to explain it. */
  readonly unexplained: ReadonlyArray<ReadonlyArray<Execution>>
}

/** Begun while the broker was coming back. */
const echoes = (one: Execution, outages: Harm["outages"]): boolean =>
  outages.some(({ from, to }) => one.began >= from && one.began <= to + echo)

/** Compares repeated executions with what the kills and stops of a storm explain. */
export const repeatsOf = (
  executions: ReadonlyArray<Execution>,
  { killed, stops, outages }: Harm
): Repeats => {
  const steps = new Map<string, Array<Execution>>()
  for (const execution of executions) {
    const known = steps.get(execution.step)
    if (known === undefined) steps.set(execution.step, [execution])
    else known.push(execution)
  }
  const open = executions.filter(({ pid, ended }) => killed.has(pid) && ended === undefined)
  // A process that wakes while the broker is away begins what it was given when the broker is back.
  const awake = (to: number): number =>
    outages.reduce(
      (time, outage) => (outage.from <= time + awakening ? Math.max(time, outage.to) : time),
      to
    ) + awakening
  const sleepers = executions.filter((one) =>
    stops.some(({ pid, from, to }) => {
      if (one.pid !== pid || one.began > awake(to)) return false
      if (one.began > from) return steps.get(one.step)!.length > 1
      return one.ended === undefined || one.ended >= from
    })
  )
  const during = (one: Execution, until: number | undefined): boolean =>
    outages.some(({ from, to }) => one.began <= to && (until ?? Infinity) >= from)
  const cutOff = executions.filter((one) => during(one, one.ended))
  const echoed = [...steps.values()].flatMap((one) => {
    const both = one.filter((each) => echoes(each, outages))
    return both.length > 1 ? both : []
  })
  const allowed = new Set([...open, ...sleepers, ...cutOff])
  const between = executions.filter(
    (one) =>
      one.ended !== undefined &&
      ((killed.has(one.pid) && one.committed === undefined) ||
        during(one, one.committed) ||
        stops.some(
          ({ pid, from }) =>
            one.pid === pid && one.began <= from && (one.committed ?? Infinity) >= from
        ))
  )
  const hit = new Set([...open, ...sleepers])
  const explained = new Set([...allowed, ...between, ...echoed])
  const repeated = [...steps.values()].filter((one) => one.length > 1)
  return {
    executions: executions.length,
    steps: steps.size,
    extra: executions.length - steps.size,
    allowed: allowed.size,
    uncommitted: between.filter((one) => !allowed.has(one)).length,
    forgotten: repeated.filter((one) => !one.some((each) => hit.has(each) || killed.has(each.pid)))
      .length,
    fenced: repeated.reduce(
      (sum, one) => sum + Math.max(0, one.filter(({ ended }) => ended !== undefined).length - 1),
      0
    ),
    unexplained: repeated.filter(
      (one) => one.length - 1 > one.filter((each) => explained.has(each)).length
    )
  }
}
