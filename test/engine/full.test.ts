/** A broker without room: what cannot be stored is kept and stored later, and nothing is executed again for it. */
import { describe, expect, test } from "vitest"
import { group } from "../../src/compose/group.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/transport/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks } from "../fixtures/tasks.ts"
import { play } from "./play.ts"
import { plays, playTasks } from "./plays.ts"

const forms = [
  "a chain",
  "a nested chord",
  "a map with lanes",
  "members retried",
  "a group recovered",
  "a task replaced in a chain",
  "a chain with callbacks"
]

describe("no room for one record", () => {
  for (const form of forms) {
    test(`changes nothing of what comes of it: ${form}`, async () => {
      const workflow = plays[form]!
      const undisturbed = await play({ workflow, tasks: playTasks })
      const publishes = undisturbed.calls.filter(({ verb }) => verb === "publish").length
      expect(publishes).toBeGreaterThan(2)
      for (let which = 1; which <= publishes; which += 1) {
        let seen = 0
        const { outcome, stable, left, repaired, doubled, story } = await play({
          workflow,
          tasks: playTasks,
          faultAt: ({ verb }) => (verb === "publish" && ++seen === which ? "full" : undefined)
        })
        expect(outcome, story).toBe(undisturbed.outcome)
        expect(stable, story).toBe(true)
        expect(doubled, story).toEqual([])
        expect(repaired, story).toEqual([])
        expect(left, story).toEqual([])
      }
    })
  }
})

const place = async (which: (subject: string) => boolean) => {
  const server = memoryServer({ clock: "manual", lease: 600_000 })
  const lines: Array<string> = []
  let full = true
  server.onCall = ({ connection, verb, subject }) =>
    full && connection === "worker" && verb === "publish" && which(subject)
      ? { refuse: "Full" }
      : undefined
  const worker = await workerOver(server.connect({ name: "worker" }), canvasTasks as never, {
    concurrency: 2,
    grace: "1 second",
    print: (line) => lines.push(line)
  })
  const app = await clientOver(server.connect({ name: "client" }))
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      await server.settled()
      server.clock.advance(100)
      await server.settled()
    }
  }
  const makeRoom = (): void => {
    full = false
  }
  return { server, worker, app, lines, pass, makeRoom }
}

const isOutcome = (subject: string): boolean => subject.startsWith("memory.r.")

test("no further calls are begun while outcomes wait, and what is done is not done again", async () => {
  const { worker, app, lines, pass, makeRoom } = await place(isOutcome)
  const runs = await Promise.all(Array.from({ length: 12 }, (_, at) => app.start(add(at, 1))))
  const executed = (): number => runs.reduce((sum, run) => sum + executionsOf(run.id).length, 0)
  await pass(10_000)
  const begun = executed()
  // Two at first, and those that were on their way when the first found no room.
  expect(begun).toBeGreaterThanOrEqual(2)
  expect(begun).toBeLessThanOrEqual(4)
  const health = await worker.health()
  expect(health.ok).toBe(false)
  expect(health.problems.join()).toMatch(
    /nothing can be stored, so no further calls are taken: \d records wait here/
  )
  await pass(10_000)
  expect(executed()).toBe(begun)
  expect(lines.filter((line) => line.startsWith("nothing can be stored"))).toHaveLength(1)
  makeRoom()
  await pass(7_000)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual(runs.map((_, at) => at + 1))
  expect(executed()).toBe(12)
  expect(lines.some((line) => line.startsWith("there is room again"))).toBe(true)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
  await app.close()
})

test("members wait for room without stopping what is under way", async () => {
  const { worker, app, pass, makeRoom } = await place((subject) =>
    subject.startsWith("memory.t.default.")
  )
  const members = await app.start(group(add(1, 1), add(2, 2), add(3, 3)))
  await pass(2_000)
  expect(await app.run(add(4, 4))).toBe(8)
  expect((await worker.health()).problems.join()).toMatch(
    /there is no room to begin calls of groups and maps: 3 wait/
  )
  makeRoom()
  await pass(7_000)
  expect(await members.result()).toEqual([2, 4, 6])
  expect(executionsOf(members.id)).toHaveLength(3)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
  await app.close()
})

test("a worker that stops gives up what it kept when its grace is over, and another does it", async () => {
  const { server, worker, app, pass, makeRoom } = await place(isOutcome)
  const run = await app.start(add(1, 1))
  await pass(1_000)
  expect(executionsOf(run.id)).toHaveLength(1)
  const drained = worker.drain()
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  await pass(1_000)
  await drained
  makeRoom()
  await workerOver(server.connect({ name: "worker" }), canvasTasks as never)
  server.clock.advance(600_000)
  await pass(1_000)
  expect(await run.result()).toBe(2)
  await app.close()
})

test("a worker that is stopped while it keeps outcomes says that their handlers have ended, and what becomes of them", async () => {
  const { worker, app, lines, pass } = await place(isOutcome)
  await app.start(add(1, 1))
  await pass(1_000)
  expect((await worker.health()).problems.join()).toContain(
    "Make room first, and do not restart this worker: what waits is in its memory"
  )
  const drained = worker.drain()
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  await pass(1_000)
  await drained
  expect(lines.find((line) => line.startsWith("this worker is stopped"))).toMatch(
    /^this worker is stopped while there is no room: 1 record waits in its memory, of handlers that have ended\. What finds room within the grace is stored; the handlers of the rest are executed again elsewhere/
  )
  await app.close()
})
