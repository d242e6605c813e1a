/** Messages that nobody of ours sends: each is moved to the dead letters, nothing is executed, and no worker takes it again. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { packMessage, unpackMessage, type Parcel } from "../../src/encode/codec.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer, type MemoryServer } from "../../src/testing/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"

const forms = {
  call: add(1, 2),
  chain: chain(add(1, 2), group(identity(), identity()), record()),
  group: group(identity(1), identity(2))
} satisfies { readonly [form: string]: Workflow<void, unknown> }

const chunks = { from: "chunks", id: "x", bytes: 1 }

const changes: ReadonlyArray<readonly [string, keyof typeof forms, object]> = [
  ["a node that is a group", "chain", { node: 2 }],
  ["a node that is the chain", "chain", { node: 0 }],
  ["a node below zero", "chain", { node: -1 }],
  ["a node that is not there", "chain", { node: 99 }],
  ["a single call with another node", "call", { node: 5 }],
  ["an item of what is no map", "chain", { frame: { id: "root", index: 7 } }],
  ["a frame that is not there", "chain", { frame: { id: "nothing" } }],
  ["a frame with a wildcard", "chain", { frame: { id: "*" } }],
  ["another task than its subject", "call", { task: "canvas.identity" }],
  ["another task than its plan", "chain", { task: "canvas.identity" }],
  ["another step", "chain", { step: "77" }],
  ["arguments of billions of parts", "chain", { args: { ...chunks, count: 4_000_000_000 } }],
  ["an attempt before the first", "call", { attempt: 0 }],
  ["a negative number of parts", "chain", { args: { ...chunks, count: -1 } }],
  ["a plan without its hash", "chain", { planHash: undefined }],
  ["an expansion without the hash of its plan", "group", { planHash: undefined }],
  ["an expansion of nothing", "group", { node: 9 }],
  ["an expansion of an item", "group", { frame: { id: "root", index: 3 } }]
]

/** Lets leases run out, more often than anybody tries. */
const pass = async (server: MemoryServer): Promise<void> => {
  for (let leases = 0; leases < 6; leases++) {
    await server.settled()
    server.clock.advance(30_001)
  }
  await server.settled()
}

for (const [what, form, change] of changes) {
  test(what, async () => {
    const server = memoryServer({ clock: "manual" })
    const broker = server.connect()
    const app = await clientOver(broker)
    const run = await app.start(forms[form])
    const [start] = server.records("memory.t.>")
    const { message, slots } = unpackMessage(start!.body) as Parcel
    await broker.purge("memory.t.>")
    await broker.publish({
      subject: start!.subject,
      body: packMessage({ ...message, ...change } as typeof message, slots)
    })
    await workerOver(server.connect(), canvasTasks)
    await pass(server)
    expect(server.records("memory.t.>")).toEqual([])
    expect(server.records("memory.dl.>")).toHaveLength(1)
    expect(executionsOf(run.id)).toEqual([])
  })
}

test("a call that was parked fewer than no times is parked", async () => {
  const server = memoryServer({ clock: "manual" })
  const broker = server.connect()
  const app = await clientOver(broker)
  await app.start(add(1, 2))
  const [start] = server.records("memory.t.>")
  const { message, slots } = unpackMessage(start!.body) as Parcel
  await broker.purge("memory.t.>")
  const body = packMessage({ ...message, parked: -20 } as typeof message, slots)
  await broker.publish({ subject: start!.subject, body })
  await workerOver(server.connect(), [identity])
  await server.settled()
  expect(server.records("memory.s.>")).toHaveLength(1)
})

const deep = 50_000

const bodies: { readonly [what: string]: Uint8Array } = {
  "a header nested deeply": Buffer.from(
    `{"v":1,"kind":"call","run":${"[".repeat(deep)}${"]".repeat(deep)}}\n`
  ),
  "a body that its dead letter has no room for": Buffer.from(`{"v":1}\n${"x".repeat(900_000)}`),
  "a large header": Buffer.from(
    `{"v":1,"kind":"call","run":${JSON.stringify(Array.from("x".repeat(200_000)))}}\n`
  ),
  "no header": Buffer.from("hello"),
  "an empty body": Buffer.alloc(0)
}

for (const [what, body] of Object.entries(bodies)) {
  test(what, async () => {
    const server = memoryServer({ clock: "manual" })
    await server
      .connect()
      .publish({ subject: "memory.t.default.0.canvas/add.app.instance.run.0._", body })
    await workerOver(server.connect(), canvasTasks)
    await pass(server)
    expect(server.records("memory.t.>")).toEqual([])
    const dead = server.records("memory.dl.>")
    const letter = dead.find(({ subject }) => subject.endsWith("._"))!
    const [slot] = (unpackMessage(letter.body) as Parcel).slots
    const beside = dead.find(({ subject }) => subject.endsWith(".body"))?.body
    const kept = slot === undefined ? beside! : Buffer.from(JSON.parse(slot) as string, "base64")
    expect(Buffer.from(kept).equals(body)).toBe(true)
  })
}
