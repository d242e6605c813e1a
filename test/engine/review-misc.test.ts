import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { map } from "../../src/compose/map.ts"
import { settle } from "../../src/compose/settle.ts"
import { task } from "../../src/define/task.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { memoryServer } from "../../src/transport/memory/server.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, identity, record, range, same, tsum } from "../fixtures/tasks.ts"
import { BrokerError } from "../../src/transport/failure.ts"

const oddities: { readonly [what: string]: () => unknown } = {
  "an object without a prototype": () => Object.create(null),
  "an error with a stack that is no text": () => Object.assign(new Error("x"), { stack: [1] }),
  "an error with a message that is no text": () => Object.assign(new Error("x"), { message: 3n }),
  "an error without a message": () => Object.assign(new Error("x"), { message: undefined }),
  "a proxy that refuses": () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error("no")
        },
        has: () => {
          throw new Error("no")
        },
        getPrototypeOf: () => {
          throw new Error("no")
        }
      }
    ),
  "a symbol": () => Symbol("x"),
  nothing: () => undefined,
  "a message of 3 MB": () => new Error("x".repeat(3_000_000))
}
for (const [what, make] of Object.entries(oddities)) {
  test(`a handler throws ${what}`, async () => {
    const odd = task(
      "odd.throws",
      { input: [Schema.Finite], output: Schema.Finite, errors: [] },
      (): number => {
        throw make()
      }
    )
    const server = memoryServer({ clock: "manual" })
    const lines: Array<string> = []
    await workerOver(server.connect(), [odd], { print: (line) => lines.push(line) })
    const app = await clientOver(server.connect())
    const run = await app.start(odd(1))
    await server.settled()
    expect(server.records("memory.r.>"), lines.join("\n")).toHaveLength(1)
    const error: any = await run.result().catch((cause: unknown) => cause)
    expect(error._tag, String(error.stack)).toBe("TaskCrashed")
  })
}

test("a map over what is no list", async () => {
  const app0 = memoryServer({ clock: "manual" })
  const lines: Array<string> = []
  await workerOver(app0.connect(), canvasTasks, { print: (line) => lines.push(line) })
  const app = await clientOver(app0.connect())
  const run = await app.start(chain(same({ a: 1 }), map(identity()) as never) as any)
  await app0.settled()
  for (let i = 0; i < 6; i++) {
    app0.clock.advance(30_001)
    await app0.settled()
  }
  expect(app0.records("memory.t.>").length, lines.join("\n")).toBe(0)
  expect(app0.records("memory.r.>")).toHaveLength(1)
  void run
})

for (const maxBytes of [64 * 1024, 16 * 1024, 400_000]) {
  test(`plan and list together over the limit ${maxBytes}`, async () => {
    const server = memoryServer({ clock: "manual", maxBytes })
    const lines: Array<string> = []
    await workerOver(server.connect(), canvasTasks, { print: (line) => lines.push(line) })
    const app = await clientOver(server.connect())
    const half = Math.floor(maxBytes / 2) - 300
    const text = "x".repeat(half)
    const blob = task(
      "odd.blob",
      { input: [Schema.String, Schema.String], output: Schema.String },
      (a, b) => a.slice(0, 1) + b.slice(0, 1)
    )
    await workerOver(server.connect(), [blob], { print: (line) => lines.push(line) })
    const run = await app
      .start(chain(same([text]), map(blob(text)) as never) as any)
      .catch((e: unknown) => e)
    expect(run).not.toBeInstanceOf(Error)
    for (let i = 0; i < 6; i++) {
      await server.settled()
      server.clock.advance(30_001)
      await server.settled()
    }
    expect(server.records("memory.r.>"), lines.join("\n")).toHaveLength(1)
  })
}

test("start near the limit", async () => {
  const server = memoryServer({ clock: "manual", maxBytes: 64 * 1024 })
  const app = await clientOver(server.connect())
  await app.start(group(...Array.from({ length: 10 }, () => same("x".repeat(9_000)))) as any)
})

test("huge headers on a later step", async () => {
  const server = memoryServer({ clock: "manual" })
  const lines: Array<string> = []
  await workerOver(server.connect(), canvasTasks, { print: (line) => lines.push(line) })
  const app = await clientOver(server.connect())
  await app.start(chain(identity(1), add(1).with({ headers: { big: "x".repeat(1_100_000) } })))
  for (let i = 0; i < 6; i++) {
    await server.settled()
    server.clock.advance(30_001)
    await server.settled()
  }
  expect(server.records("memory.r.>"), lines.join("\n")).toHaveLength(1)
})

test("arguments over every limit on a later step", async () => {
  const server = memoryServer({ clock: "manual" })
  const lines: Array<string> = []
  await workerOver(server.connect(), canvasTasks, { print: (line) => lines.push(line) })
  const app = await clientOver(server.connect())
  const big = task("odd.big", { input: [Schema.Finite], output: Schema.String }, () =>
    "x".repeat(40_000_000)
  )
  await workerOver(server.connect(), [big], { print: (line) => lines.push(line) })
  const workflow: any = chain(group(big(1), big(2)), settle(same()) as never)
  await app.start(workflow)
  for (let i = 0; i < 6; i++) {
    await server.settled()
    server.clock.advance(30_001)
    await server.settled()
  }
  expect(server.records("memory.r.>"), lines.join("\n")).toHaveLength(1)
}, 60_000)

test("settled over every limit", async () => {
  const server = memoryServer({ clock: "manual" })
  const lines: Array<string> = []
  const app = await clientOver(server.connect())
  const big = task("odd.big", { input: [Schema.Finite], output: Schema.String }, () =>
    "x".repeat(40_000_000)
  )
  await workerOver(server.connect(), [big, ...canvasTasks], { print: (line) => lines.push(line) })
  const workflow: any = chain(settle(group(big(1), big(2))), ignoreInput(identity(1)))
  await app.start(workflow)
  for (let i = 0; i < 6; i++) {
    await server.settled()
    server.clock.advance(30_001)
    await server.settled()
  }
  expect(server.records("memory.r.>"), lines.join("\n")).toHaveLength(1)
}, 60_000)

for (const depth of [1000, 2000, 4000, 8000]) {
  test(`chains nested ${depth} deep`, async () => {
    const server = memoryServer({ clock: "manual" })
    const lines: Array<string> = []
    await workerOver(server.connect(), canvasTasks, { print: (line) => lines.push(line) })
    const app = await clientOver(server.connect())
    let w: any = identity(1)
    for (let i = 0; i < depth; i++) w = chain(w)
    const started = await app.start(w).catch((e: unknown) => e)
    if (started instanceof Error) {
      console.log(depth, "refused", String(started).slice(0, 100))
      return
    }
    for (let i = 0; i < 6; i++) {
      await server.settled()
      server.clock.advance(30_001)
      await server.settled()
    }
    expect(server.records("memory.r.>"), lines.join("\n")).toHaveLength(1)
  })
}

test("a timeout of 30 days", async () => {
  const server = memoryServer()
  await workerOver(server.connect(), canvasTasks)
  const app = await clientOver(server.connect())
  const sleepy = canvasTasks.find((t) => t.taskName === "canvas.sleepy") as any
  expect(
    await app.run(sleepy(0.1, 3).with({ timeout: "30 days" }), undefined as never, {
      within: "40 days"
    })
  ).toBe(3)
})

test("retention odd", async () => {
  for (const retention of ["1500 micros", 1000.4, "infinity", "100000 weeks"] as const) {
    const server = memoryServer()
    const app = await clientOver(server.connect(), { retention: retention as never })
    await workerOver(server.connect(), canvasTasks)
    expect(
      await app.run(add(1, 2), undefined as never, { within: "7 seconds" }),
      String(retention)
    ).toBe(3)
  }
})

test("the connection ends for good while a run is awaited", async () => {
  const server = memoryServer()
  const broker = server.connect()
  const app = await clientOver(broker)
  const run = await app.start(add(1, 2))
  const waiting = run.result().catch((cause: unknown) => cause)
  await broker.close()
  expect(
    await Promise.race([waiting, new Promise((r) => setTimeout(r, 7_000, "hangs"))])
  ).toBeInstanceOf(BrokerError)
}, 10_000)

test("late handler after the collection", async () => {
  const { gate, stubborn } = await import("./gate.ts")
  const server = memoryServer({ clock: "manual" })
  server.onCall = ({ verb }) => (verb === "announce" || verb === "extend" ? "lost" : undefined)
  const { fail } = await import("../fixtures/tasks.ts")
  await workerOver(server.connect(), [...canvasTasks, stubborn])
  const app = await clientOver(server.connect())
  const inner = group(chain(stubborn(901), record()))
  const run = await app.start(chain(group(inner, chain(stubborn(902), fail()))) as any)
  await Promise.all([gate(901).reached, gate(902).reached])
  gate(902).open()
  await server.settled()
  expect(server.records("memory.r.>")).toHaveLength(1)
  for (let i = 0; i < 20; i++) {
    server.clock.advance(10_001)
    await server.settled()
  }
  expect(
    server
      .records()
      .map(({ subject }) => subject)
      .filter((s) => !s.includes(".r."))
  ).toEqual([])
  gate(901).open()
  for (let i = 0; i < 20; i++) {
    await server.settled()
    server.clock.advance(10_001)
  }
  expect(executionsOf(run.id, "canvas.record")).toEqual([])
  expect(
    server
      .records()
      .map(({ subject }) => subject)
      .filter((s) => !s.includes(".r."))
  ).toEqual([])
})
