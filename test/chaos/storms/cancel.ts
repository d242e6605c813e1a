/** Runs are cancelled at random moments while workers die: each has one outcome, the one that `cancel` told, and it never changes. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Run, RunStatus } from "arpeggio"
import { Blows } from "../blows.ts"
import { executionsOf } from "../ledger.ts"
import type { Storm } from "../stage.ts"
import { between, randomJob, type Job } from "../workload.ts"

const lanes = 20

/** How long calls of an ended run may stay, in milliseconds. */
const clearedWithin = 20_000

interface Cancelled {
  readonly job: Job
  readonly run: Run<number>
  readonly answer: RunStatus | string
  readonly outcome: string
}

/** In the text of a stored outcome. */
const tagIn = (text: string): string => (JSON.parse(text.split("\n")[0]!) as { tag: string }).tag

export const cancel: Storm = {
  name: "cancel",
  limit: (scale) => 60 + 300 * scale,
  play: async (stage) => {
    const { inspector, namespace } = stage
    const blows = new Blows(stage, { CRASHES: "1000" })
    await blows.startWorkers(3)
    const [one, other] = [await stage.connect(), await stage.connect()]
    const count = stage.scaled(1_000)
    const done: Array<Cancelled> = []
    const pending = new Set<string>()
    let begun = 0
    const lane = async (_: unknown, at: number): Promise<void> => {
      const random = stage.random(`lane ${at}`)
      while (begun < count) {
        begun++
        const job = randomJob(random)
        const run = await one.app.start(job.workflow)
        pending.add(run.id)
        await sleep(between(random, 0, job.what === "single" ? 300 : 1_200))
        // By its handle, or from another connection by its id.
        const asked = random() < 0.5 ? run.cancel() : other.app.cancel(run.id)
        const answer = await asked.catch(String)
        const outcome = (await run.outcome())._tag
        pending.delete(run.id)
        done.push({ job, run, answer, outcome })
      }
    }
    const random = stage.random("pace")
    const running = Promise.all(Array.from({ length: lanes }, lane))
    let over = false
    const ended = running.finally(() => (over = true))
    ended.catch(() => {})
    const hit = async (): Promise<void> => {
      for (;;) {
        await sleep(between(random, 300, 900))
        if (over) return
        await blows.kill()
      }
    }
    stage.over.catch(() => stage.say(`still pending: ${[...pending].slice(0, 8).join(", ")}`))
    await Promise.all([ended, hit()])
    await blows.settled()
    stage.say("every run has its outcome; reading it all again")

    const { app } = await stage.connect()
    const missed: Array<string> = []
    const left = [...done]
    const check = async (): Promise<void> => {
      for (let each = left.pop(); each !== undefined; each = left.pop()) {
        const { job, run, answer, outcome } = each
        const [owner, instance, rest] = run.id.split("-")
        const stored = tagIn(
          await inspector.text(`${namespace}.r._._._.${owner}.${instance}.${rest}._._`)
        )
        const again = await app.attach(run.id, job.workflow).outcome()
        const told = new Set([answer, outcome, stored, again._tag])
        if (told.size > 1) missed.push(`${run.id}: ${[...told].join(", ")}`)
        if (again._tag === "Succeeded" && again.value !== job.expected) {
          missed.push(`${run.id} gave ${again.value}, not ${job.expected}`)
        }
      }
    }
    await Promise.all(Array.from({ length: lanes }, check))
    const double = await inspector.doubleCommits()
    const stored = await inspector.subjects(`${namespace}.r.>`)
    // What was published in the moment of the cancel is cleared soon after.
    const until = Date.now() + clearedWithin
    let calls = await inspector.subjects(`${namespace}.t.>`)
    while (calls.size > 0 && Date.now() < until) {
      await sleep(250)
      calls = await inspector.subjects(`${namespace}.t.>`)
    }
    if (calls.size > 0) missed.push(`calls left: ${[...calls.keys()].slice(0, 5).join(", ")}`)
    const won = done.filter(({ outcome }) => outcome === "Cancelled").length
    const executed = executionsOf(await stage.ledger()).length
    if (double.length > 0) missed.push(`committed twice: ${double.slice(0, 5).join(", ")}`)
    if (stored.size !== count) missed.push(`${stored.size} outcomes of ${count} runs`)
    if (won < count / 10 || won > count * 0.9) missed.push(`${won} of ${count} cancelled: no race`)
    const tasks = done.reduce((sum, { job }) => sum + job.tasks, 0)
    if (executed < count / 2) missed.push(`only ${executed} executions`)
    return {
      ...blows.figures,
      tasks,
      runs: count,
      cancelled: won,
      completed: done.filter(({ outcome }) => outcome === "Succeeded").length,
      executed,
      lost: count - done.length,
      doubleCommits: double.length,
      callsLeft: calls.size,
      missed
    }
  }
}
