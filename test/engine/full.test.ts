/** A broker without room: what cannot be stored is kept and stored later, and nothing is executed again for it. */
import { describe, expect, test } from "vitest"
import { group } from "../../src/compose/group.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
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

for (const how of ["a cancel", "a deadline"] as const) {
  test(`${how} that comes while the outcome of a call waits for room: one of the two is stored, once there is some`, async () => {
    const { worker, app, pass, makeRoom } = await place(isOutcome)
    const call = add(1, 1)
    const run = await app.start(how === "a deadline" ? call.with({ deadline: "5 seconds" }) : call)
    await pass(1_000)
    expect(executionsOf(run.id)).toHaveLength(1)
    const canceled = how === "a cancel" ? run.cancel() : undefined
    await pass(10_000)
    makeRoom()
    await pass(20_000)
    await canceled
    // Whichever is stored first decides: nothing was promised to either.
    expect(["Succeeded", "Cancelled", "TimedOut"]).toContain((await run.outcome())._tag)
    expect(executionsOf(run.id)).toHaveLength(1)
    expect(await worker.health()).toMatchObject({ ok: true, problems: [], leases: 0 })
    await app.close()
  })
}

test("calls whose leases are lost while their outcomes wait for room are executed elsewhere, and have one outcome each", async () => {
  const { server, worker, app, pass, makeRoom } = await place(isOutcome)
  const runs = await Promise.all([1, 2, 3, 4, 5, 6].map((x) => app.start(add(x, 1))))
  await pass(1_000)
  const begun = runs.filter(({ id }) => executionsOf(id).length === 1)
  expect(begun.length).toBeGreaterThan(0)
  const other = await workerOver(server.connect({ name: "other" }), canvasTasks as never)
  await pass(1_000)
  server.clock.advance(600_000)
  await pass(1_000)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4, 5, 6, 7])
  for (const run of begun) expect(executionsOf(run.id)).toHaveLength(2)
  makeRoom()
  await pass(20_000)
  expect(server.records("memory.r.>")).toHaveLength(6)
  for (const each of [worker, other]) {
    expect(await each.health()).toMatchObject({ ok: true, problems: [], leases: 0 })
  }
  await app.close()
})

test("a connection that is lost while outcomes wait for room changes nothing for them", async () => {
  const { server, worker, app, pass, makeRoom } = await place(isOutcome)
  const runs = await Promise.all([1, 2, 3].map((x) => app.start(add(x, 1))))
  await pass(1_000)
  server.restart()
  await pass(1_000)
  makeRoom()
  await pass(20_000)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4])
  for (const run of runs) expect(executionsOf(run.id)).toHaveLength(1)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [], leases: 0 })
  await app.close()
})
