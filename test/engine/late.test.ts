/** What comes late: expansions in a scope that has closed or a step that is decided, a handler after its run was collected. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { recover } from "../../src/compose/recover.ts"
import { map } from "../../src/compose/map.ts"
import { task } from "../../src/define/task.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/testing/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { canvasTasks, Expected, fail, identity, record } from "../fixtures/tasks.ts"
import { gate, stubborn } from "./gate.ts"

/** Waits for a gate, then goes on as nested groups. */
const lateGroups = task(
  "late.groups",
  { input: [Schema.Finite], output: Schema.Json },
  async (number) => {
    const { reach, opened } = gate(number)
    reach()
    await opened
    return group(group(record(number), record(number)), group(chain(record(number), record())))
  }
)
/** Waits for a gate, then gives a list, over which something goes on. */
const lateList = task(
  "late.list",
  { input: [Schema.Finite], output: Schema.Array(Schema.Json) },
  async (number) => {
    const { reach, opened } = gate(number)
    reach()
    await opened
    return [number, number]
  }
)

const lateOnes = {
  "a returned workflow": lateGroups,
  "a map": (number: number) =>
    chain(lateList(number), map(group(record(), chain(record(), record()))))
}

for (const [at, [what, late]] of Object.entries(lateOnes).entries()) {
  test(`nothing of ${what} begins in a scope that has closed`, async () => {
    const server = memoryServer()
    server.onCall = ({ verb }) => (verb === "announce" ? "lost" : undefined)
    const tasks = [...canvasTasks, stubborn, lateGroups, lateList] as const
    await workerOver(server.connect(), tasks)
    await workerOver(server.connect(), tasks)
    const app = await clientOver(server.connect())
    const one = 700 + 10 * at
    const closed = recover(group(late(one), chain(stubborn(one + 1), fail())), {
      Expected: ignoreInput(stubborn(one + 2))
    })
    const run = await app.start(closed as never)
    await Promise.all([gate(one).reached, gate(one + 1).reached])
    gate(one + 1).open()
    await gate(one + 2).reached
    gate(one).open()
    await server.settled()
    gate(one + 2).open()
    expect(await run.result()).toBe(one + 2)
    await server.settled()
    expect(executionsOf(run.id, "canvas.record")).toEqual([])
    expect(server.records("memory.t.>")).toEqual([])
  })
}

let executions = 0
const wavering = task(
  "late.wavering",
  { input: [Schema.Finite], output: Schema.Finite, errors: [Expected] },
  async (number) => {
    if (++executions === 1) throw new Expected({ reason: "first", at: number })
    const { reach, opened } = gate(number)
    reach()
    await opened
    return identity(number)
  }
)

test("an execution that returns a workflow after another one failed and died does what that one owed", async () => {
  const server = memoryServer({ clock: "manual" })
  const tasks = [...canvasTasks, wavering, stubborn] as const
  let scope = 0
  let release = (): void => {}
  const hold = new Promise<void>((resolve) => (release = resolve))
  const first = server.connect({ name: "first" })
  await workerOver(first, tasks, { concurrency: 1 })
  let calls = 0
  server.onCall = ({ connection, verb, subject }) => {
    // Its slot comes free while the first outcome is on its way: what it asks for then never arrives.
    const another = verb === "deliver" && subject.includes("late/wavering") && ++calls > 1
    if (connection === "first" && another) return { hold: new Promise<void>(() => {}) }
    if (
      connection === "first" &&
      verb === "publish" &&
      /\.i\..*\.0$/.test(subject) &&
      ++scope === 1
    )
      return { hold }
    if (connection === "first" && verb === "announce") return "crash-before"
    return undefined
  }
  const app = await clientOver(server.connect())
  executions = 0
  const run = await app.start(chain(group(wavering(790)), record()) as never)
  await server.settled()
  await workerOver(server.connect({ name: "second" }), tasks)
  for (let leases = 0; leases < 2; leases++) {
    server.clock.advance(30_001)
    await server.settled()
  }
  await gate(790).reached
  // The first one, late, commits the failure of step and scope, and dies before anything follows.
  release()
  await server.settled()
  gate(790).open()
  for (let leases = 0; leases < 6; leases++) {
    await server.settled()
    server.clock.advance(30_001)
  }
  await server.settled()
  expect(server.records("memory.r.>")).toHaveLength(1)
  expect(await run.outcome()).toMatchObject({ _tag: "Failed" })
})

test("nothing follows from a handler that ends after its run was collected", async () => {
  const server = memoryServer({ clock: "manual" })
  // Nobody hears of the failure, and leases are not renewed.
  server.onCall = ({ verb }) => (verb === "announce" || verb === "extend" ? "lost" : undefined)
  await workerOver(server.connect(), [...canvasTasks, stubborn])
  const app = await clientOver(server.connect())
  const slow = group(chain(stubborn(780), record()))
  const run = await app.start(chain(group(slow, chain(stubborn(781), fail()))) as never)
  await Promise.all([gate(780).reached, gate(781).reached])
  gate(781).open()
  const pass = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns++) {
      await server.settled()
      server.clock.advance(10_001)
    }
    await server.settled()
  }
  await pass()
  gate(780).open()
  await pass()
  expect(executionsOf(run.id, "canvas.record")).toEqual([])
  const left = server.records().map(({ subject }) => subject)
  expect(left.filter((subject) => !subject.startsWith("memory.r."))).toEqual([])
})
