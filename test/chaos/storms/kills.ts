/** Workers die and are stopped past their lease, the broker dies and comes back, while singles, chains and chords run. */
import { setTimeout as sleep } from "node:timers/promises"
import { audit } from "../audit.ts"
import { Blows, shuffled } from "../blows.ts"
import type { Storm } from "../stage.ts"
import { between, keepSubmitting } from "../workload.ts"

const workers = 4
const lanes = 30

export const kills: Storm = {
  name: "kills",
  limit: (scale) => 60 + 720 * scale,
  play: async (stage) => {
    // With so many kills a call may lose many workers without being the cause of it.
    const blows = new Blows(stage, { CRASHES: "1000" })
    await blows.startWorkers(workers)
    const client = await stage.connect()
    let over = false
    const load = keepSubmitting(stage, client, lanes, () => over)
    const random = stage.random("order")
    const planned = shuffled(random, [
      ...Array.from({ length: stage.scaled(300) }, () => "kill" as const),
      ...Array.from({ length: stage.scaled(100) }, () => "stop" as const),
      ...Array.from({ length: stage.scaled(20) }, () => "killBroker" as const)
    ])
    for (const [at, blow] of planned.entries()) {
      await sleep(between(random, 200, 1_000))
      await blows[blow]()
      if (at % 20 === 19)
        stage.say(`${at + 1} of ${planned.length} blows, ${stage.submitted.all.length} runs`)
    }
    await blows.settled()
    over = true
    await load
    stage.say("every run has ended; reading it all again")
    const { figures, missed } = await audit(stage, blows)
    return { ...blows.figures, ...figures, missed }
  }
}
