/** A third of what the system can do, for twenty minutes, under occasional harm: all ends as it should, memory stays level, and nothing is left behind. */
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Blows } from "../blows.ts"
import { wrongCallbacks } from "../soak/callbacks.ts"
import { untilEmpty, untilQuiet } from "../soak/end.ts"
import { isEmpty, placesIn } from "../soak/leftovers.ts"
import { startClient, type ClientProcess } from "../soak/process.ts"
import { startSteady } from "../soak/steady.ts"
import { MemoryWatch } from "../soak/watch.ts"
import type { Stage, Storm } from "../stage.ts"
import { between } from "../workload.ts"

const minutes = 20
const retention = "60 seconds"
/** The same in milliseconds. */
const kept = 60_000
/** Of the throughput measured at the beginning. */
const share = 0.3

/** Workers that are hit now and then, besides the one that lives through it all. */
const mortals = 3
const fullLoad = { atOnce: 300 }

/** In milliseconds. */
const warmUp = 10_000
const measured = 20_000
const lookForDoubles = 100_000

/** How many runs it is remembered of that they were told: some ten minutes. */
const rememberedReplies = 200_000

/** Runs a second while as many are under way as the system can bear. */
const peakOf = async (client: ClientProcess): Promise<number> => {
  client.pace(fullLoad)
  await sleep(warmUp)
  const from = await client.next()
  await sleep(measured)
  const to = await client.next()
  return (1_000 * (to.counts.ended - from.counts.ended)) / (to.at - from.at)
}

/** Hits the workers and the broker until the time is over. */
const harm = async (stage: Stage, blows: Blows, length: number): Promise<void> => {
  const over = new AbortController()
  const signal = over.signal
  const every = async (
    what: "kill" | "stop" | "drain",
    least: number,
    most: number
  ): Promise<void> => {
    const random = stage.random(what)
    for (;;) {
      await sleep(between(random, least, most), undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      await blows[what]()
    }
  }
  const loops = [
    every("kill", 20_000, 40_000),
    every("stop", 30_000, 60_000),
    every("drain", 40_000, 70_000)
  ]
  // The first within the warm-up, so that one broker's memory is watched from there to the second.
  await sleep(length * 0.1)
  await blows.killBroker()
  await sleep(length * 0.65)
  await blows.killBroker()
  await sleep(length * 0.25)
  over.abort()
  await Promise.all(loops)
  await blows.settled()
}

export const soak: Storm = {
  name: "soak",
  limit: (scale) => 560 + 60 * minutes * scale,
  play: async (stage) => {
    const { inspector, directory, server } = stage
    const length = stage.scaled(minutes * 60_000)
    const hooked = join(directory, "hooked")
    const calledBack = join(directory, "called")
    const settings = {
      CRASHES: "1000",
      CONCURRENCY: "50",
      LOG: "quiet",
      // A line for each of a million executions would be what the soak measures.
      LEDGER: "",
      CALLED: calledBack
    }
    const steady = await startSteady(stage, settings)
    const blows = new Blows(stage, settings)
    await blows.startWorkers(mortals)
    const client = await startClient(stage, { seed: stage.seed, retention, hooked })
    const before = await placesIn(inspector)

    const peak = await peakOf(client)
    const pace = Math.max(1, Math.round(peak * share))
    stage.say(`${Math.round(peak)} runs a second at full load; now ${pace} a second`)
    client.pace({ perSecond: pace })
    const first = client.word.counts.ended
    const watch = new MemoryWatch(() => ({
      client: client.pid,
      worker: steady.worker.pid,
      broker: server.pid
    }))
    const doubles = new Set<string>()
    const look = async (): Promise<void> => {
      for (const subject of await inspector.doubleRecords()) doubles.add(subject)
      inspector.forgetReplies(rememberedReplies)
    }
    const looking = setInterval(() => void look().catch(() => {}), lookForDoubles)
    const saying = setInterval(() => {
      const { counts, underWay } = client.word
      stage.say(`${counts.ended} runs, ${underWay} under way, ${JSON.stringify(blows.figures)}`)
    }, 60_000)
    await harm(stage, blows, length)
    clearInterval(saying)
    clearInterval(looking)
    const { memory, growing } = watch.stop({
      client: client.collected,
      worker: steady.collected
    })
    const paced = client.word.counts.ended - first
    await look()
    await untilQuiet(client)
    stage.say("every run has ended; waiting until all is collected")
    const { left, seconds } = await untilEmpty(stage)
    // An outcome that is no longer kept fences nothing: what comes that late is beyond the promise, and only counted.
    for (const { subject, after } of inspector.twice) if (after < kept) doubles.add(subject)
    await sleep(6_000)
    const after = await placesIn(inspector)
    const { counts, unfinished, complaints } = await client.next()
    const callbacks = await wrongCallbacks(hooked, calledBack)
    const stoodStill = await stage.logged(/ stood still: /)
    const repaired = Math.max(steady.word?.health.counters.repaired ?? NaN, stoodStill.length)
    const lost = counts.started - counts.ended
    const stuck = counts.late + unfinished.length
    if (unfinished.length > 0) {
      const runs = unfinished.map(({ id, what }) => ({ id, what: `a ${what}` }))
      stage.say(await inspector.evidence(runs, stage))
    }
    if (!isEmpty(left)) stage.say(`left: ${JSON.stringify(left, null, 1)}`)
    const lives = steady.worker.child.exitCode === null
    await client.end()

    const missed: Array<string> = []
    const must = (holds: boolean, words: string): void => {
      if (!holds) missed.push(words)
    }
    must(lost === 0, `${lost} runs without an outcome`)
    must(stuck === 0, `${stuck} runs were not over in their time`)
    must(counts.wrong === 0, `${counts.wrong} wrong: ${complaints.join("; ")}`)
    must(doubles.size === 0, `committed twice: ${[...doubles].slice(0, 5).join(", ")}`)
    must(repaired === 0, `${repaired} runs stood still: ${stoodStill.slice(0, 3).join("; ")}`)
    must(callbacks.wrong.length === 0, `callbacks: ${callbacks.wrong.slice(0, 5).join(", ")}`)
    must(growing.length === 0, growing.join("; "))
    must(isEmpty(left), `left behind: ${JSON.stringify(left.kinds)} ${left.busy.join(", ")}`)
    must(after.join() === before.join(), `there was ${before.join()}, and now ${after.join()}`)
    must(lives, "the worker that nobody hit has ended")
    must(
      blows.drains.every((code) => code === 0),
      `exit codes of drained workers: ${blows.drains.join(", ")}`
    )
    must(
      paced >= (length / 1_000) * pace * 0.5,
      `only ${paced} runs in ${length / 1_000} s at ${pace} a second`
    )
    return {
      ...blows.figures,
      drains: blows.drains.length,
      peakPerSecond: Math.round(peak),
      pacePerSecond: pace,
      runs: counts.ended,
      kinds: counts.kinds,
      refusedStarts: counts.refused,
      heldBack: counts.heldBack,
      lost,
      stuck,
      wrong: counts.wrong,
      doubleCommits: doubles.size,
      againAfterRetention: inspector.twice.filter(({ after }) => after >= kept).length,
      repaired,
      rereads: counts.rereads,
      callbacks: callbacks.hooked,
      slowestRun: Math.round(counts.slowest * 10) / 10,
      memory,
      counters: steady.word?.health.counters,
      collectedAfter: seconds,
      left: left.kinds,
      consumers: after.length - (await inspector.streams()).length,
      missed
    }
  }
}
