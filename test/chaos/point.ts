/** Plays one kill point on a real server: a worker process dies at one of its calls, another worker goes on. */
import { expect } from "vitest"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { connectNats } from "../../src/nats/broker.ts"
import { usualTiming } from "../../src/nats/timing.ts"
import { canvasTasks } from "../fixtures/tasks.ts"
import { canonical } from "../reference/outcome.ts"
import { lease, type Graveyard } from "./doomed.ts"
import type { Doom } from "./doomed-broker.ts"

export interface RealPoint {
  readonly at: number
  readonly doom: Doom
}

export interface RealPlay {
  /** Whether the run came to the call where its worker was to die. */
  readonly reached: boolean
  /** The calls its worker made. */
  readonly calls: ReadonlyArray<string>
  readonly milliseconds: number
}

const body = "canvas.record"

let namespaces = 0

/** Plays the point, and throws when the run does not come to one of the outcomes with one body step and one input. */
export const playReal = async (
  graveyard: Graveyard,
  workflow: AnyWorkflow,
  admitted: ReadonlyArray<string>,
  { at, doom }: RealPoint
): Promise<RealPlay> => {
  const began = performance.now()
  const namespace = `point-${++namespaces}`
  const servers = graveyard.server.url
  const connect = () => connectNats({ servers, namespace }, { ...usualTiming, lease })
  const doomed = await graveyard.startDoomed(namespace, at, doom)
  const broker = await connect()
  const app = await clientOver(broker)
  const over = new AbortController()
  const saved = doomed.gone.then(async () =>
    over.signal.aborted ? undefined : workerOver(await connect(), canvasTasks)
  )
  try {
    const run = await app.start(workflow as Workflow<void, unknown>)
    const outcome = canonical(await run.outcome())
    const what = `${doom} call ${at}`
    expect(admitted, what).toContain(outcome)
    const calls = (): Promise<number> => broker.count(`${namespace}.t.>`)
    await expect.poll(calls, { message: `${what}: calls left`, timeout: 10_000 }).toBe(0)
    expect(await broker.count(`${namespace}.r.>`), what).toBe(1)
    expect(canonical(await app.attach(run.id, workflow as Workflow<void, unknown>).outcome())).toBe(
      outcome
    )
    const entries = (await graveyard.entries()).filter(({ run: of }) => of === run.id)
    const bodies = entries.filter(({ task }) => task === body)
    expect(new Set(bodies.map(({ step }) => step)).size, what).toBe(1)
    expect(new Set(bodies.map(({ input }) => input)).size, what).toBe(1)
    // The last call of all may be the one that is still to kill.
    if (at > 0 && doom !== "unanswered" && !doomed.reached() && doomed.calls().length >= at) {
      await doomed.gone
    }
    return {
      reached: doomed.reached(),
      calls: doomed.calls(),
      milliseconds: performance.now() - began
    }
  } finally {
    over.abort()
    await doomed.end()
    await (await saved)?.drain()
    await app.close()
  }
}
