/** A start of several writes (a plan, a deadline, a key) under faults: what was not started leaves nothing and calls nobody back. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { onFailure } from "../../src/compose/hook.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import type { Fault } from "../../src/testing/memory/fault.ts"
import { forget, executionsOf } from "../fixtures/ledger.ts"
import { alarmed, canvasTasks, identity, same } from "../fixtures/tasks.ts"

const minute = 60_000
const faults = ["lost", "unanswered", "duplicate", "crash-before", "crash-after"] as const
const large = "x".repeat(300_000)
const hooked = onFailure(chain(identity(1), same()), alarmed())

const workflows = {
  "a key, a deadline and a callback": hooked.with({ key: "k", deadline: "90 seconds" }),
  "a deadline and a large value": onFailure(same(large), alarmed()).with({ deadline: "1 hour" }),
  "a key and a large value": onFailure(same(large), alarmed()).with({ key: "k" })
}

const place = async (seed?: number) => {
  const server = memoryServer({ clock: "manual", ...(seed === undefined ? {} : { seed }) })
  const pass = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 30_000) {
      await server.settled()
      server.clock.advance(Math.min(left, 30_000))
    }
    await server.settled()
  }
  const runs = (): ReadonlyArray<string> =>
    server.records("memory.r.>").map(({ subject }) => subject.split(".").slice(5, 8).join("-"))
  return { server, pass, runs }
}

for (const [what, workflow] of Object.entries(workflows)) {
  for (const fault of faults) {
    test(`${what}: ${fault}`, async () => {
      for (let at = 1; ; at++) {
        const { server, pass, runs } = await place()
        await workerOver(server.connect({ name: "worker" }), canvasTasks)
        const app = await clientOver(server.connect({ name: "client" }))
        let calls = 0
        server.onCall = ({ connection }): Fault | undefined =>
          connection === "client" && ++calls === at ? fault : undefined
        app.start(workflow as never).catch(() => {})
        await pass(minute)
        server.onCall = undefined
        const ended = runs()
        expect(ended.length, `at ${at}`).toBeLessThan(2)
        await pass(70 * minute)
        // Whatever was started has succeeded, so nobody was called back; and all of it is gone.
        expect(ended.filter((id) => id.includes("callback"))).toEqual([])
        expect(runs()).toEqual([])
        const left = server.records().map(({ subject }) => subject)
        expect(left, `${fault} at ${at}`).toEqual([])
        for (const id of ended) forget(id)
        if (calls < at) break
      }
    })
  }
}

test("two that find a key whose run is gone start one run", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { server, pass, runs } = await place(seed)
    const workflow = chain(identity(1), same()).with({ key: "stale" })
    const open = (name: string) => clientOver(server.connect({ name }), { retention: "1 second" })
    const apps = await Promise.all(["one", "two", "three"].map(open))
    const worker = await workerOver(server.connect({ name: "worker" }), canvasTasks)
    const first = await apps[0]!.start(workflow)
    await server.settled()
    // The collector and those who start are at it at the same time.
    server.clock.advance(seed % 2 === 0 ? 1_500 : 180_000)
    const second = await Promise.all(apps.map((app) => app.start(workflow)))
    const ids = new Set(second.map(({ id }) => id))
    expect(ids.size, `seed ${seed}`).toBe(1)
    expect(ids.has(first.id)).toBe(false)
    await server.settled()
    expect(executionsOf(second[0]!.id, "canvas.identity")).toHaveLength(1)
    await pass(10 * minute)
    expect(runs()).toEqual([])
    expect(server.records(), `seed ${seed}`).toEqual([])
    await worker.drain()
  }
})
