/**
 * The kill points on a real server: a worker process dies by SIGKILL before or right after each of its broker calls, or
 * loses the answer. A sample in `npm test`; every point with `npm run test:kill-points`.
 */
import { afterAll, beforeAll, expect, test } from "vitest"
import { seededRandom } from "../../src/testing/memory/random.ts"
import { everyPoint } from "../engine/amount.ts"
import { plays, playStandIns, playTasks } from "../engine/plays.ts"
import { admittedBy } from "../engine/points.ts"
import { referenceOf } from "../reference/tasks.ts"
import { dooms } from "./doomed-broker.ts"
import { openGraveyard, type Graveyard } from "./doomed.ts"
import { playReal, type RealPoint } from "./point.ts"

/** How many points are played side by side. */
const together = 6

/** How many points of a form are played in `npm test`. */
const sample = 8

const seed = 20_261_124

const reference = referenceOf(playTasks, playStandIns)

let graveyard: Graveyard
beforeAll(async () => {
  graveyard = await openGraveyard()
})
afterAll(() => graveyard?.close())

const forms = everyPoint
  ? [
      "a chain",
      "a chord",
      "a nested chord",
      "a map with lanes",
      "an error recovered",
      "tasks replaced in a chord"
    ]
  : ["a chain", "a chord"]

for (const form of forms) {
  test(form, { timeout: 540_000 }, async () => {
    const workflow = plays[form]!
    const admitted = admittedBy(workflow, reference)
    const undisturbed = await playReal(graveyard, workflow, admitted, { at: 0, doom: "before" })
    const all = undisturbed.calls.flatMap((verb, before) =>
      dooms
        .filter((doom) => doom !== "unanswered" || (verb !== "ack" && verb !== "announce"))
        .map((doom): RealPoint => ({ at: before + 1, doom }))
    )
    const random = seededRandom(seed)
    const points = everyPoint
      ? all
      : Array.from({ length: sample }, () => all[Math.floor(random() * all.length)]!)
    let next = 0
    let reached = 0
    let longest = 0
    const lane = async (): Promise<void> => {
      while (next < points.length) {
        const point = points[next++]!
        const played = await playReal(graveyard, workflow, admitted, point)
        if (played.reached) reached++
        longest = Math.max(longest, played.milliseconds)
      }
    }
    await Promise.all(Array.from({ length: together }, lane))
    process.stderr.write(
      `kill points on a real server: ${form}, ${undisturbed.calls.length} calls, ${points.length} points, ${reached} reached, longest ${Math.round(longest)} ms\n`
    )
    expect(reached).toBeGreaterThan(points.length * 0.7)
  })
}
