/** A deploy moves a task to another queue while runs are on their way to the old one. */
import { setTimeout as sleep } from "node:timers/promises"
import { between } from "../workload.ts"
import type { Harm } from "./harms.ts"
import { movedJob } from "./jobs.ts"
import { queues } from "./tasks.ts"

/** So long after the deploy what still waits is a dead letter, in milliseconds: the workers' patience, and a round of their housekeeping. */
const given = 60_000

export const renamed: Harm = {
  name: "renamed",
  // The queue that nobody serves any more.
  says: /(mail|notify).*(no worker|nobody|serve)|(no worker|nobody|serve).*(mail|notify)/,
  play: async ({ stage, app, crew, random, submit, miss }) => {
    const before = crew.queue
    const after = queues.find((queue) => queue !== before)!
    const waits = (): number => stage.submitted.underWay("moved")
    // Starts are refused while the broker is full: then nothing waits that the deploy could leave behind.
    const refused = Date.now() + given
    do {
      for (let at = 0; at < 20; at++) submit(movedJob(between(random, 0, 3_500), before))
      await sleep(500)
    } while (waits() === 0 && Date.now() < refused)
    await crew.deploy(after)
    for (let at = 0; at < 5; at++) submit(movedJob(between(random, 0, 500), after))

    const until = Date.now() + given
    while (waits() > 0 && Date.now() < until) await sleep(200)
    if (waits() > 0) miss(`${waits()} calls still wait in a queue that nobody serves`)

    // What has become a dead letter is begun again: on the new queue, or where somebody serves the old one once more.
    const moves = random() < 0.5
    const back = moves ? undefined : await crew.start({ QUEUE: before })
    const { letters } = await app.deadLetters.list({ task: "night.moved" })
    stage.say(
      `${letters.length} dead letters of queue ${before}, begun again on ${moves ? after : before}`
    )
    const lost = stage.submitted.all.filter(
      ({ job, error }) => job.what === "moved" && error !== undefined
    )
    for (const { id, run } of letters) {
      const old = lost.find((one) => one.run.id === run)
      if (old === undefined) continue
      const again = await app.deadLetters.redrive(id, moves ? { queue: after } : {})
      const { mayFail: _, ...job } = old.job
      void stage.submitted.watch(app.attach(again.id, job.workflow), job)
    }
    while (waits() > 0 && Date.now() < until + given) await sleep(200)
    if (back !== undefined) await crew.stop(back, "after it had served the old queue")
  }
}
