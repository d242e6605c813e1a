/** Workers die by SIGKILL while chords run: every result is right, stored once, and each chord has one body. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { chain, chord } from "arpeggio"
import { clientOver } from "arpeggio/testing"
import { connectNats } from "../../src/transport/nats/broker.ts"
import { startStorm, type Storm } from "./processes.ts"
import { body, member, tail } from "./tasks.ts"

const chords = 200
const members = 20
const kills = 5

let storm: Storm
beforeAll(async () => {
  storm = await startStorm("storm")
})
afterAll(() => storm?.end())

const expectedOf = (chord: number): number =>
  Array.from({ length: members }, (_, at) => chord * members + at + 1).reduce((a, b) => a + b, 0) +
  chord

test("200 chords of 20 members survive five kills: 200 right results, one body each", async () => {
  const running = [await storm.startWorker(), await storm.startWorker()]
  const broker = await connectNats({ servers: storm.server.url, namespace: "storm" })
  await using app = await clientOver(broker)
  const runs = await Promise.all(
    Array.from({ length: chords }, (_, chordAt) =>
      app.start(
        chain(
          chord(
            Array.from({ length: members }, (_, at) => member(chordAt * members + at)),
            body()
          ),
          tail(chordAt)
        )
      )
    )
  )
  const results = Promise.all(runs.map((run) => run.result()))
  let done = false
  void results.finally(() => (done = true)).catch(() => {})
  const pids: Array<number> = []
  for (let at = 0; at < kills; at++) {
    const before = (await storm.ledger()).length
    // A kill comes at a random moment of the next stretch of work, so that every kill finds work under way.
    const until = before + 200 + Math.floor(Math.random() * 900)
    await expect
      .poll(async () => done || (await storm.ledger()).length >= until, {
        interval: 5,
        timeout: 60_000
      })
      .toBe(true)
    const victim = running.shift()!
    pids.push(victim.pid!)
    await storm.kill(victim)
    running.push(await storm.startWorker())
  }
  expect(await results).toEqual(runs.map((_, chordAt) => expectedOf(chordAt)))

  const stored = await broker.readAll("storm.r.>")
  expect(stored).toHaveLength(chords)

  const ledger = await storm.ledger()
  const bodies = ledger.filter(({ event, task }) => event === "began" && task === "storm.body")
  for (const run of runs) {
    const own = bodies.filter((entry) => entry.run === run.id)
    expect(new Set(own.map(({ id }) => id)).size).toBe(1)
    expect(new Set(own.map(({ input }) => JSON.stringify(input))).size).toBe(1)
  }
  // A step is repeated only where the worker that had begun it was killed.
  const began = new Map<string, Array<number>>()
  for (const entry of ledger) {
    if (entry.event !== "began") continue
    const key = `${entry.run}/${entry.id}`
    began.set(key, [...(began.get(key) ?? []), entry.pid])
  }
  const repeated = [...began.values()].filter((pids) => pids.length > 1)
  for (const executions of repeated) {
    expect(executions.slice(0, -1).every((pid) => pids.includes(pid))).toBe(true)
  }
  // The storm was one: most of the work was done by handlers that ended, and every kill came while work was left.
  expect(began.size).toBe(chords * (members + 2))
}, 120_000)
