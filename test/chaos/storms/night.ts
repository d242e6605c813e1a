/** A bad night: large values, a full account, queues that move, cut connections, loggers that throw, and more, in random order. Nothing is lost, and nothing is silent. */
import { setTimeout as sleep } from "node:timers/promises"
import { audit } from "../audit.ts"
import { shuffled } from "../blows.ts"
import { Crew } from "../night/crew.ts"
import type { Execution } from "../ledger.ts"
import { harms, type Harm, type Night } from "../night/harms.ts"
import { configurationOf, Place, usual } from "../night/place.ts"
import { silences, type Waited, type Word } from "../night/silence.ts"
import { queues } from "../night/tasks.ts"
import { Told } from "../night/told.ts"
import type { Stage, Storm } from "../stage.ts"
import { between, keepSubmitting } from "../workload.ts"

const workers = 4
const lanes = 6

/** How soon after the last harm everything is over, in milliseconds. */
const soon = 120_000

/** How long after a harm that is over what has to be said of it may be said, in milliseconds. */
const saidWithin = 60_000

/** Of the calls of a full account so many may be executed again: those that ran when it became full. */
const mostInVain = 30

/** How many harms are done; some come twice. */
const usualCount = 16

interface Played {
  readonly harm: Harm
  readonly from: number
  readonly to: number
}

/** In random order, each of them once before any comes again. */
const planOf = (stage: Stage): ReadonlyArray<Harm> => {
  const { only } = stage
  const known = only === undefined ? harms : harms.filter(({ name }) => name === only)
  if (known.length === 0)
    throw new Error(`no harm is called ${only}: ${harms.map(({ name }) => name).join(", ")}`)
  const random = stage.random("order")
  const count = stage.scaled(only === undefined ? usualCount : 1)
  const rounds = Array.from({ length: Math.ceil(count / known.length) }, () =>
    shuffled(random, known)
  )
  return rounds.flat().slice(0, count)
}

/** What has to be said of a harm, and was not. */
const unsaid = (played: ReadonlyArray<Played>, words: ReadonlyArray<Word>): ReadonlyArray<string> =>
  played.flatMap(({ harm: { name, says }, from, to }) => {
    if (says === undefined) return []
    const said = words.some(
      ({ at, words }) => at >= from && at <= to + saidWithin && says.test(words)
    )
    return said ? [] : [`nobody said anything of ${name}`]
  })

/** Executions beyond the first of steps that were executed while the account was full: their outcomes could not be stored. */
const inVain = (executions: ReadonlyArray<Execution>, { full }: Crew): number => {
  const during = executions.filter(
    ({ task, began }) =>
      task === "night.length" && full.some(({ from, to }) => began >= from && began <= to)
  )
  const steps = new Set(during.map(({ step }) => step))
  const all = executions.filter(({ step }) => steps.has(step))
  return all.length - steps.size
}

/** A word that explains why work of one kind stands still: any that is not of every day, but of a moved queue only its own. */
const explains = (what: string, words: string): boolean =>
  what !== "moved" || /mail|notify|night\.moved|NATS|JetStream|room/.test(words)

const waitedIn = (stage: Stage, until: number): ReadonlyArray<Waited> =>
  stage.submitted.all.map(({ job, began, ended = until }) => ({ what: job.what, began, ended }))

export const night: Storm = {
  name: "night",
  limit: (scale) => 240 + 360 * scale,
  processes: { program: "night/worker", configuration: configurationOf(usual) },
  play: async (stage) => {
    const { submitted } = stage
    const plan = planOf(stage)
    const missed: Array<string> = []
    const place = await Place.open(stage.server)
    const told = new Told(stage)
    const app = await told.connect()
    const crew = new Crew(stage, queues[0])
    await crew.keep(workers)
    let over = false
    const load = keepSubmitting(stage, { app }, lanes, () => over)
    const tools: Omit<Night, "random"> = {
      stage,
      place,
      crew,
      told,
      app,
      submit: (job) => void submitted.submit(app, job),
      miss: (words) => void missed.push(words)
    }
    const order = stage.random("pauses")
    const played: Array<Played> = []
    for (const [at, harm] of plan.entries()) {
      await crew.up(workers)
      await sleep(between(order, 200, 2_000))
      const from = Date.now()
      stage.say(`${at + 1} of ${plan.length}: ${harm.name}`)
      const random = stage.random(`${harm.name} ${at}`)
      await harm.play({ ...tools, random }).catch((cause: unknown) => {
        missed.push(`${harm.name} was not played to its end: ${String(cause)}`)
      })
      played.push({ harm, from, to: Date.now() })
    }
    const last = Date.now()
    over = true
    stage.say(`the last harm is over; ${submitted.underWay()} runs are under way`)
    while (submitted.underWay() > 0 && Date.now() < last + soon) await sleep(100)
    const left = submitted.underWay()
    const doneAfter = (Date.now() - last) / 1_000
    if (left > 0) missed.push(`${left} runs were not over ${soon / 1_000} s after the last harm`)
    else await load
    crew.end()

    const words = await told.words()
    const silent = silences(waitedIn(stage, Date.now()), words, explains)
    for (const { what, from, to } of silent)
      missed.push(
        `no ${what} ended from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}, and nothing said why`
      )
    missed.push(...unsaid(played, words), ...crew.late)
    const common = await audit(stage, crew)
    const wasted = inVain(common.executions, crew)
    if (wasted > mostInVain) missed.push(`${wasted} executions in vain while the account was full`)
    // Only a handler that does it by carelessness may end a worker.
    const careless = new Set(
      common.executions
        .filter(({ task, ended }) => /careless|culprit/.test(task) && ended === undefined)
        .map(({ pid }) => pid)
    )
    const died = [...crew.killed].filter((pid) => !careless.has(pid))
    if (died.length > 0) missed.push(`${died.length} workers ended by themselves`)
    told.end()
    await Promise.all([app.close(), place.close()])
    return {
      ...common.figures,
      harms: played.map(({ harm }) => harm.name),
      killed: crew.killed.size,
      endedByThemselves: died.length,
      stopped: crew.stops.length,
      slowestDrain: crew.slowestDrain / 1_000,
      said: words.length,
      silent: silent.length,
      executedInVain: wasted,
      doneAfter,
      missed: [...missed, ...common.missed]
    }
  }
}
