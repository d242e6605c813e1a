/** Messages nobody of ours would send: each ends in the dead letters, nothing is executed, and no worker takes it again and again. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { map } from "../../src/compose/map.ts"
import { packMessage, unpackMessage, type Parcel } from "../../src/encode/parcel.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/transport/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record } from "../fixtures/tasks.ts"
import type { Workflow } from "../../src/define/workflow.ts"

const pair = chain(add(1, 2), group(identity(), identity()), record())
const forms: { readonly [name: string]: Workflow<void, unknown> } = {
  chain: pair,
  call: add(1, 2),
  group: group(identity(1), identity(2)),
  map: chain(identity(1), record())
}
type Change = (header: any) => object

const changes: { readonly [what: string]: readonly [keyof typeof forms, Change] } = {
  "a node that is a group": ["chain", (header) => ({ ...header, node: 2 })],
  "a node that is the chain": ["chain", (header) => ({ ...header, node: 0 })],
  "a node below zero": ["chain", (header) => ({ ...header, node: -1 })],
  "a node that is not there": ["chain", (header) => ({ ...header, node: 99 })],
  "a single call with another node": ["call", (header) => ({ ...header, node: 5 })],
  "an item of what is no map": [
    "chain",
    (header) => ({ ...header, frame: { id: "root", index: 7 } })
  ],
  "a frame that is not there": ["chain", (header) => ({ ...header, frame: { id: "nothing" } })],
  "a frame with a wildcard": ["chain", (header) => ({ ...header, frame: { id: "*" } })],
  "another task than its subject": ["call", (header) => ({ ...header, task: "canvas.identity" })],
  "another task than its plan": ["chain", (header) => ({ ...header, task: "canvas.identity" })],
  "another step": ["chain", (header) => ({ ...header, step: "77" })],
  "a first argument that is nowhere": [
    "chain",
    (header) => ({ ...header, first: { from: "record", node: "9", index: "_" } })
  ],
  "arguments of a billion parts": [
    "chain",
    (header) => ({ ...header, args: { from: "chunks", id: "x", count: 4_000_000_000, bytes: 1 } })
  ],
  "negative parts": [
    "chain",
    (header) => ({ ...header, args: { from: "chunks", id: "x", count: -1, bytes: 1 } })
  ],
  "keep below zero": ["chain", (header) => ({ ...header, keep: -5 })],
  "patience below zero": ["call", (header) => ({ ...header, task: "canvas.nobody", parked: -20 })],
  "an expansion of nothing": ["group", (header) => ({ ...header, node: 9 })],
  "an expansion of an item": ["group", (header) => ({ ...header, frame: { id: "root", index: 3 } })]
}

for (const [what, [form, change]] of Object.entries(changes)) {
  test(what, async () => {
    const server = memoryServer({ clock: "manual" })
    const lines: Array<string> = []
    const broker = server.connect()
    const app = await clientOver(broker)
    const run = await app.start(forms[form]!)
    const [start] = server.records("memory.t.>")
    const { message, slots } = unpackMessage(start!.body) as Parcel
    await broker.purge("memory.t.>")
    server.restart()
    await broker.publish({
      subject:
        what === "patience below zero"
          ? start!.subject.replace("canvas/add", "canvas/nobody")
          : start!.subject,
      body: packMessage(change(message) as never, slots)
    })
    await workerOver(server.connect(), canvasTasks, { print: (line) => lines.push(line) })
    for (let leases = 0; leases < 8; leases++) {
      await server.settled()
      server.clock.advance(30_001)
    }
    await server.settled()
    console.log(
      what,
      "|",
      lines.length,
      lines.at(-1)?.slice(0, 200),
      "| exec",
      executionsOf(run.id).length,
      server
        .records()
        .map(({ subject }) =>
          subject.split(".").slice(1, 3).concat(subject.split(".").slice(-2)).join(".")
        )
        .join(" ")
    )
    expect(server.records("memory.t.>").map(({ subject }) => subject)).toEqual([])
  })
}

const raw: { readonly [what: string]: Uint8Array } = {
  "a header nested deeply": Buffer.from(
    `{"v":1,"kind":"call","run":${"[".repeat(50_000)}${"]".repeat(50_000)}}\n`
  ),
  "a large body": Buffer.from(`{"v":1}\n${"x".repeat(900_000)}`),
  "a large header": Buffer.from(
    `{"v":1,"kind":"call","run":${JSON.stringify("x".repeat(900_000).split("").slice(0, 200_000))}}\n`
  ),
  "no json": Buffer.from("hello"),
  empty: Buffer.alloc(0)
}
for (const [what, body] of Object.entries(raw)) {
  test(what, async () => {
    const server = memoryServer({ clock: "manual" })
    const lines: Array<string> = []
    const broker = server.connect()
    await broker.publish({ subject: "memory.t.default.0.canvas/add.app.inst.run.0._", body })
    await workerOver(server.connect(), canvasTasks, { print: (line) => lines.push(line) })
    for (let leases = 0; leases < 8; leases++) {
      await server.settled()
      server.clock.advance(30_001)
    }
    console.log(
      what,
      lines.length,
      lines.at(-1)?.slice(0, 200),
      server.records().map(({ subject, body }) => `${subject} ${body.length}`)
    )
    expect(server.records("memory.t.>").map(({ subject }) => subject)).toEqual([])
    expect(server.records("memory.dl.>").length).toBeGreaterThan(0)
  })
}
