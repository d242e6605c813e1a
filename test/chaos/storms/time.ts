/** Delayed calls, sleeps, expiries, retries and schedules while workers die, are stopped past their lease, and the broker is killed: nothing is early, lost or doubled. */
import { setTimeout as pause } from "node:timers/promises"
import { RunExpired } from "arpeggio"
import { startedAt } from "../../../src/encode/ids.ts"
import { audit } from "../audit.ts"
import { Blows, shuffled } from "../blows.ts"
import type { Execution } from "../ledger.ts"
import type { Storm } from "../stage.ts"
import type { Watched } from "../submitted.ts"
import { declareSchedules, endSchedules } from "../scheduled.ts"
import { timedJob, type Played, type TimedJob } from "../timed.ts"
import { between } from "../workload.ts"

const workers = 4
const lanes = 150

/** The longest a call is put off, in milliseconds. */
const longest = 8_000

const mayHaveBegun = ({ error }: Watched): boolean =>
  error instanceof RunExpired && error.mayHaveBegun

const playedOf = (
  watched: Watched,
  executions: ReadonlyMap<string, ReadonlyArray<Execution>>
): Played => ({
  started: startedAt(watched.run.id.split("-")[2]!),
  executions: executions.get(watched.run.id) ?? [],
  expired: String(watched.error).startsWith("RunExpired"),
  mayHaveBegun: mayHaveBegun(watched)
})

export const time: Storm = {
  name: "time",
  limit: (scale) => 90 + 400 * scale,
  play: async (stage) => {
    const blows = new Blows(stage, { CRASHES: "1000" })
    await blows.startWorkers(workers)
    const { app } = await stage.connect()
    const schedules = await declareSchedules(app)
    let over = false
    const stopped = (): boolean => over
    const lane = async (_: unknown, at: number): Promise<void> => {
      const random = stage.random(`lane ${at}`)
      while (!stopped()) await stage.submitted.submit(app, timedJob(random, longest))
    }
    const load = Promise.all(Array.from({ length: lanes }, lane))
    const random = stage.random("order")
    const planned = shuffled(random, [
      ...Array.from({ length: stage.scaled(150) }, () => "kill" as const),
      ...Array.from({ length: stage.scaled(50) }, () => "stop" as const),
      ...Array.from({ length: stage.scaled(10) }, () => "killBroker" as const)
    ])
    for (const [at, blow] of planned.entries()) {
      await pause(between(random, 300, 1_500))
      await blows[blow]()
      if (at % 20 === 19)
        stage.say(`${at + 1} of ${planned.length} blows, ${stage.submitted.all.length} runs`)
    }
    await blows.settled()
    over = true
    await load
    const { scheduled, wrong: wrongTicks } = await endSchedules(stage, schedules)
    for (const words of wrongTicks) stage.say(words)
    stage.say("every run has ended; reading it all again")
    const { figures, missed, executions } = await audit(stage, blows)
    const byRun = new Map<string, Array<Execution>>()
    for (const one of executions) byRun.set(one.run, [...(byRun.get(one.run) ?? []), one])
    const wrong = stage.submitted.all.flatMap((watched) => {
      const { wrong: whatIsWrong, what } = watched.job as TimedJob
      const words = whatIsWrong(playedOf(watched, byRun))
      return words === undefined ? [] : [`${what} ${watched.run.id}: ${words}`]
    })
    for (const words of wrong) stage.say(words)
    const expired = stage.submitted.all.filter(({ error }) => error !== undefined).length
    const must = [...missed]
    if (wrong.length > 0) must.push(`${wrong.length} times did not hold: ${wrong[0]}`)
    if (wrongTicks.length > 0)
      must.push(`${wrongTicks.length} times of schedules did not hold: ${wrongTicks[0]}`)
    if (expired === 0) must.push("nothing expired: the storm does not try it")
    return {
      ...blows.figures,
      ...figures,
      expired,
      mayHaveBegun: stage.submitted.all.filter(mayHaveBegun).length,
      wrongTimes: wrong.length,
      scheduled,
      wrongTicks: wrongTicks.length,
      missed: must
    }
  }
}
