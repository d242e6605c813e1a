/**
 * Five runs a second on one worker for twenty minutes, and nothing else: what a process that has little to do gathers over
 * days would show. What it remembers of the latest runs is filled before, or that would take half an hour.
 */
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { untilEmpty, untilQuiet } from "../soak/end.ts"
import { isEmpty, placesIn } from "../soak/leftovers.ts"
import { startClient } from "../soak/process.ts"
import { startSteady } from "../soak/steady.ts"
import { MemoryWatch } from "../soak/watch.ts"
import type { Storm } from "../stage.ts"
import type { Collected } from "../watched.ts"

const minutes = 20
const perSecond = 5
const retention = "60 seconds"
/** A client remembers the latest 10,000 runs, a worker some thousands of plans and of ended scopes. */
const remembered = 12_000
const atOnce = 40
/** Between two full collections of either heap, in milliseconds. */
const collect = 15_000
/** Looks of what was stored ahead of a start come every two minutes, the last of them eight minutes after it. */
const lastLooks = 600_000
/** From here on nothing is new to the processes, in milliseconds: inner records stay for two minutes. */
const settled = 150_000

export const trickle: Storm = {
  name: "trickle",
  limit: (scale) => 900 + 60 * minutes * scale + 300 * Math.max(scale, 1),
  play: async (stage) => {
    const { inspector, directory, server } = stage
    const length = stage.scaled(minutes * 60_000)
    const hooked = join(directory, "hooked")
    const steady = await startSteady(stage, {
      LOG: "quiet",
      LEASE: "30000",
      LEDGER: "",
      COLLECT: String(collect),
      CALLED: join(directory, "called")
    })
    const client = await startClient(stage, { seed: stage.seed, retention, hooked, collect })
    const before = await placesIn(inspector)
    client.pace({ atOnce })
    while (client.word.counts.ended < stage.scaled(remembered)) await client.next()
    await untilQuiet(client)
    stage.say(`${client.word.counts.ended} runs are remembered`)
    const filled = client.word.counts.ended
    client.pace({ perSecond })
    const watch = new MemoryWatch(() => ({
      client: client.pid,
      worker: steady.worker.pid,
      broker: server.pid
    }))
    await sleep(Math.min(settled, length / 4))
    const messages: Array<number> = []
    const handles: Array<number> = []
    const problems = new Set<string>()
    const look = setInterval(() => {
      const { word } = steady
      if (word !== undefined) {
        handles.push(word.handles)
        for (const problem of word.health.problems) problems.add(problem)
      }
      void inspector.messages().then((count) => messages.push(count))
    }, 5_000)
    const saying = setInterval(() => {
      const { counts, underWay } = client.word
      const heap = (samples: ReadonlyArray<Collected>): string =>
        `${((samples.at(-1)?.bytes ?? 0) / 1_048_576).toFixed(1)} MB`
      stage.say(
        `${counts.ended} runs, ${underWay} under way, ${messages.at(-1)} messages; heaps: client ${heap(client.collected)}, worker ${heap(steady.collected)}`
      )
    }, 60_000)
    await sleep(length - Math.min(settled, length / 4))
    clearInterval(look)
    clearInterval(saying)
    const { memory, growing } = watch.stop({
      client: client.collected,
      worker: steady.collected
    })
    await untilQuiet(client)
    const { left, seconds } = await untilEmpty(stage, lastLooks)
    await sleep(6_000)
    const after = await placesIn(inspector)
    const { counts, unfinished, complaints } = await client.next()
    const resting = steady.word
    await client.end()
    const lines = await stage.logged(/ left to be delivered again|stood still|was blocked for /)

    const half = Math.floor(handles.length / 2)
    const most = (numbers: ReadonlyArray<number>): number => Math.max(0, ...numbers)
    const missed: Array<string> = []
    const must = (holds: boolean, words: string): void => {
      if (!holds) missed.push(words)
    }
    must(counts.started === counts.ended, `${counts.started - counts.ended} without an outcome`)
    must(counts.late + unfinished.length === 0, `${counts.late + unfinished.length} late`)
    must(counts.wrong === 0, `${counts.wrong} wrong: ${complaints.join("; ")}`)
    const trickled = counts.ended - filled
    must(trickled > (length / 1_000) * perSecond * 0.9, `only ${trickled} runs`)
    must(growing.length === 0, growing.join("; "))
    must(problems.size === 0, `health named ${[...problems].join("; ")}`)
    must(lines.length === 0, lines.slice(0, 3).join("; "))
    must(
      most(handles.slice(half)) <= most(handles.slice(0, half)) + 10,
      `handles: ${most(handles.slice(0, half))}, then ${most(handles.slice(half))}`
    )
    must(
      most(messages.slice(half)) <= most(messages.slice(0, half)) * 1.2,
      `messages: ${most(messages.slice(0, half))}, then ${most(messages.slice(half))}`
    )
    must(resting?.health.busy === 0 && resting.health.leases === 0, "the worker still holds calls")
    must(isEmpty(left), `left behind: ${JSON.stringify(left.kinds)} ${left.busy.join(", ")}`)
    must(after.join() === before.join(), `there was ${before.join()}, and now ${after.join()}`)
    return {
      runs: trickled,
      slowestRun: Math.round(counts.slowest * 10) / 10,
      messages: { first: most(messages.slice(0, half)), then: most(messages.slice(half)) },
      handles: { first: most(handles.slice(0, half)), then: most(handles.slice(half)) },
      atRest: resting?.handles,
      memory,
      collectedAfter: Math.round(seconds),
      left: left.kinds,
      missed
    }
  }
}
