/**
 * Random workflows on a real server whose workers keep killing themselves: `npm run test:seeds:kills -- 1 100`.
 *
 * Prints one JSON line; what disagreed is shown above it with its seed.
 */
import { once } from "node:events"
import type { App } from "../../src/client/app.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { clientOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { seededRandom } from "../../src/testing/memory/random.ts"
import { sketchOf } from "../property/faulty.ts"
import { workflowOf } from "../property/build.ts"
import { randomStandIns, randomTasks } from "../property/tasks.ts"
import { encodeInput } from "../../src/plan/values.ts"
import { admissible } from "../reference/interpreter.ts"
import { canonical, outcomeJson } from "../reference/outcome.ts"
import { referenceOf } from "../reference/tasks.ts"
import { openGraveyard, type Graveyard } from "./doomed.ts"
import { dooms } from "./doomed-broker.ts"

const [first = 1, last = 100] = process.argv.slice(2).map(Number)

const namespace = "random"

/** Workflows under way at a time. */
const together = 8

/** Workers alive at a time. */
const workers = 3

/** A run that takes this long, in milliseconds, is taken to hang. */
const patience = 60_000

const input = 5
const reference = referenceOf(randomTasks, randomStandIns)
const random = seededRandom(first)

/** Kept alive by others in its place, until told to stop. */
const keepWorker = async (
  graveyard: Graveyard,
  over: AbortSignal,
  died: (reached: boolean) => void
): Promise<void> => {
  while (!over.aborted) {
    const at = 20 + Math.floor(random() * 200)
    const doom = dooms[Math.floor(random() * 2)]!
    const worker = await graveyard.startDoomed(namespace, at, doom)
    await Promise.race([worker.gone, stopped])
    if (!over.aborted) died(worker.reached())
    await worker.end()
  }
}

const disagreement = async (app: App, seed: number): Promise<string | undefined> => {
  const sketch = sketchOf(seed)
  const { workflow } = workflowOf(sketch, "number")
  const { outcomes } = admissible(
    workflow["~arpeggio"].plan,
    encodeInput(workflow, input),
    reference
  )
  const admitted = outcomes.map((outcome) => canonical(outcomeJson(outcome)))
  const run = await app.start(workflow as Workflow<number, unknown, unknown>, input)
  let timer: NodeJS.Timeout | undefined
  const hangs = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patience, undefined)
  })
  const outcome = await Promise.race([run.outcome(), hangs])
  clearTimeout(timer)
  const again = outcome === undefined ? undefined : await run.outcome()
  const told = `seed ${seed}, run ${run.id}\n${JSON.stringify(sketch)}`
  if (outcome === undefined) return `it did not end within ${patience} ms: ${told}`
  if (!admitted.includes(canonical(outcome))) {
    return `${canonical(outcome)} is none of ${admitted.join(" or ")}: ${told}`
  }
  return canonical(again) === canonical(outcome) ? undefined : `its outcome changed: ${told}`
}

const began = performance.now()
const graveyard = await openGraveyard()
const over = new AbortController()
const stopped = once(over.signal, "abort")
let kills = 0
let lost = 0
const died = (reached: boolean): void => {
  if (reached) kills++
  else lost++
}
const kept = Array.from({ length: workers }, () => keepWorker(graveyard, over.signal, died))
const broker = await connectNats({ servers: graveyard.server.url, namespace })
const app = await clientOver(broker)
const failures: Array<{ readonly seed: number; readonly wrong: string }> = []
let next = first
const lane = async (): Promise<void> => {
  while (next <= last) {
    const seed = next++
    const wrong = await disagreement(app, seed)
    if (wrong !== undefined) failures.push({ seed, wrong })
  }
}
await Promise.all(Array.from({ length: together }, lane))
const workflows = last - first + 1
const outcomes = await broker.readAll(`${namespace}.r.>`)
const executions = (await graveyard.entries()).length
over.abort()
await Promise.all(kept)
await app.close()
await graveyard.close()
for (const { wrong } of failures) process.stderr.write(`${wrong}\n\n`)
process.stdout.write(
  `${JSON.stringify({
    from: first,
    to: last,
    workflows,
    agreed: workflows - failures.length,
    failures: failures.map(({ seed }) => seed),
    outcomes: outcomes.length,
    kills,
    diedOtherwise: lost,
    executions,
    seconds: Math.round((performance.now() - began) / 100) / 10
  })}\n`
)
process.exitCode = failures.length === 0 && outcomes.length === workflows ? 0 : 1
