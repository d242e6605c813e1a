/** What a newer release wrote is neither executed nor guessed at nor lost: it waits for that release, and everything around it works. */
import { describe, expect, test } from "vitest"
import { chain, chainOf } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { group } from "../../src/compose/group.ts"
import { onSuccess } from "../../src/compose/hook.ts"
import { map } from "../../src/compose/map.ts"
import { settle } from "../../src/compose/settle.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import type { AttemptMessage } from "../../src/encode/message.ts"
import { packMessage } from "../../src/encode/codec.ts"
import { addressOf, recordSubject } from "../../src/encode/subjects.ts"
import { InvalidResult, KeyTaken, NotRedrivable, UnknownRun } from "../../src/result/errors.ts"
import { clientOver, workerOver } from "../../src/testing/index.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import { add, canvasTasks, flaky, identity, range, record, told } from "../fixtures/tasks.ts"
import { minute, scene, type Scene } from "./memory.ts"
import { type Change, fields, Future, plan } from "./newer.ts"
import { late } from "./tasks.ts"

type Some = Workflow<void, unknown, unknown>

const retry = { times: 1, initial: 1, max: 1, jitter: 0, on: [] }
const policy = { retry: { ...retry, backoff: "fibonacci" } }

/** What a newer release can say in a message, its plan included. */
const said: { readonly [what: string]: Change } = {
  "a higher version": fields({ v: 2 }),
  "a field": fields({ priority: 5 }),
  "a field inside of a field": fields({ policy: { timeout: 1_000, burst: 2 } }),
  "a field of a retry": fields({ policy: { retry: { ...retry, backoff: "linear", until: 7 } } }),
  "a backoff": fields({ policy }),
  "a codec": fields({ codec: "cbor" }),
  "a way to name a value": fields({ args: { from: "bucket", key: "x" } }),
  "a field of a way to name a value": fields({
    args: { from: "record", node: "1", index: "_", etag: "x" }
  }),
  "a field of its frame": fields({ frame: { id: "root", shard: 1 } }),
  "a kind of message": fields({ kind: "burst" }),
  "a kind of node": plan((node) => ({ ...node, kind: "race" })),
  "a field of a node": plan((node) => ({ ...node, budget: 3 })),
  "a kind of node deep inside": plan((node) => ({
    ...node,
    steps: [...(node["steps"] as Array<unknown>), { kind: "settle", of: { kind: "quorum" } }]
  })),
  "a field of a map's body": plan((node) => ({
    ...node,
    steps: [{ kind: "map", body: { kind: "settle", of: { kind: "group", members: [], of: 2 } } }]
  })),
  "a fallback for an ending": plan((of) => ({
    kind: "recover",
    of,
    fallbacks: { Lost: of },
    undeclared: ["Lost"]
  })),
  "an open argument that is named": plan((node) => ({
    ...node,
    steps: [{ ...Object((node["steps"] as Array<object>)[0]), partial: true, open: "left" }]
  })),
  "a time for a cleanup": plan((of) => ({ kind: "cleanup", on: "cancel", of, cleanup: of })),
  "what a cleanup is given": plan((of) => ({ kind: "cleanup", of, cleanup: of, input: "first" })),
  "what a group waits for": plan((of) => ({ kind: "group", members: [of], wait: "most" })),
  "a time for a callback": plan((of) => ({ kind: "hook", on: "always", of, callback: of })),
  "a kind of node in a callback": plan((of) => ({
    kind: "hook",
    on: "success",
    of,
    callback: { kind: "quorum" }
  })),
  "a field of a call's retry": plan((node) => ({
    ...node,
    steps: [{ ...Object((node["steps"] as Array<object>)[0]), retry: { ...retry, budget: 1 } }]
  }))
}

const workflow = chain(add(1, 2), group(identity(), identity()), record())

const started = async (scene: Scene, change: Change) => {
  const { server, app, work } = scene
  const future = new Future()
  const run = await app.start(workflow)
  await future.replace(server.connect(), server.records("memory.t.>")[0]!, change)
  await work(canvasTasks, { patience: "1 hour" })
  return { future, run }
}

describe.each(Object.entries(said))("%s", (_, change) => {
  test("waits for a newer worker, which executes it", async () => {
    const on = await scene()
    const { future, run } = await started(on, change)
    await on.pass(30 * minute)
    expect(await run.status()).toBe("pending")
    expect((await on.app.deadLetters.list()).letters).toEqual([])
    expect(executionsOf(run.id)).toEqual([])
    await workerOver(future.worker(on.server.connect()), canvasTasks as never)
    await on.pass(30 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
    expect(executionsOf(run.id)).toHaveLength(4)
  })

  test("ends, at last, as a dead letter that can be listed, read and dropped", async () => {
    const { server, app, pass, left, ...on } = await scene()
    const { run } = await started({ server, app, pass, left, ...on }, change)
    await pass(65 * minute)
    expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "CannotContinue" })
    const { letters } = await app.deadLetters.list()
    expect(letters).toMatchObject([{ run: run.id }])
    expect(letters[0]!.reason).toContain("no worker that reads it was found within 1 hour")
    expect(letters[0]!.obstacle).toContain("newer release: redrive it with that release")
    expect((await app.deadLetters.read(letters[0]!.id)).body.byteLength).toBeGreaterThan(0)
    await expect(app.deadLetters.redrive(letters[0]!.id)).rejects.toThrow(NotRedrivable)
    await app.deadLetters.drop(letters[0]!.id)
    await pass(10 * minute)
    expect(left()).toEqual([])
  })

  test("can be cancelled, and nothing is left of it", async () => {
    const { server, app, pass, left, ...on } = await scene()
    const { run } = await started({ server, app, pass, left, ...on }, change)
    await pass(minute)
    const cancelled = run.cancel()
    await pass(10 * minute)
    expect(await cancelled).toBe("Cancelled")
    expect((await app.deadLetters.list()).letters).toEqual([])
    expect(left()).toEqual([])
  })
})

/** A record of the run that a newer release has written over, and what is executed once all the same. */
const stored: ReadonlyArray<
  readonly [what: string, workflow: Some, record: string, change: Change, times: number]
> = [
  ["a member's outcome", chord([identity(1), late(2)], record()), "i", fields({ cost: 1 }), 1],
  ["a member's tag", chord([identity(1), late(2)], record()), "i", fields({ tag: "Paused" }), 1],
  ["a member's version", chord([identity(1), late(2)], record()), "i", fields({ v: 3 }), 1],
  [
    "where a member's value is",
    chord([identity(1), late(2)], record()),
    "i",
    fields({ value: { from: "bucket", key: "x" } }),
    1
  ],
  ["a map's plan", chain(range(2), map(late())), "g", plan((node) => ({ ...node, of: 1 })), 2],
  ["a field of a map's record", chain(range(2), map(late())), "g", fields({ shard: 1 }), 2],
  [
    "the limits of a map",
    chain(range(2), map(late())),
    "g",
    fields({ map: { count: 2, by: 3 } }),
    2
  ]
]

test.each(stored)("%s waits for a newer worker", async (_, workflow, kind, change, times) => {
  const { server, app, work, pass } = await scene()
  const future = new Future()
  const run = await app.start(workflow)
  const before = await work(canvasTasks, { patience: "2 hours" })
  await pass(minute)
  // It remembers what was stored before.
  await before.drain()
  await future.replace(server.connect(), server.records(`memory.${kind}.>`)[0]!, change)
  await work([...canvasTasks, late], { patience: "2 hours" })
  await pass(30 * minute)
  expect(await run.status()).toBe("running")
  expect((await app.deadLetters.list()).letters).toEqual([])
  await workerOver(future.worker(server.connect()), [...canvasTasks, late] as never)
  await pass(30 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
  expect(executionsOf(run.id).filter(({ task }) => task === "dead.late")).toHaveLength(times)
})

test("an attempt of a newer release waits for it", async () => {
  const { server, app, work, pass } = await scene()
  const future = new Future()
  const run = await app.start(flaky(1, 5))
  const address = addressOf(run.id)!
  const attempt = {
    v: 1,
    kind: "attempt",
    run: address.run,
    step: "0",
    attempt: 1,
    tag: "Crashed",
    worker: "x",
    at: 0,
    next: 1
  } as const
  const subject = recordSubject("memory", "a", address, "0", "1")
  const body = future.of(packMessage(attempt as AttemptMessage, ["{}"]), fields({ cost: 1 }))
  await server.connect().publish({ subject, body })
  await work(canvasTasks, { patience: "1 hour" })
  await pass(10 * minute)
  expect(await run.status()).toBe("pending")
  await workerOver(future.worker(server.connect()), canvasTasks as never)
  await pass(10 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
})

describe.each([
  ["a field", fields({ cost: 1 })],
  ["a tag", fields({ tag: "Paused" })],
  ["a version", fields({ v: 2 })],
  [
    "a field of who decided",
    fields({ decided: { step: "", task: "", attempt: 1, place: "", by: 1 } })
  ]
] as const)("a run's outcome with %s that is newer", (_, change) => {
  const outcomeOf = (run: string) =>
    packMessage(
      {
        v: 1,
        kind: "outcome",
        run,
        tag: "Succeeded",
        step: "0",
        attempt: 1,
        worker: "x",
        began: 0,
        ended: 0,
        codec: "json"
      } as const,
      ["3"]
    )

  test("is told to whoever waits, at once, and to whoever asks", async () => {
    const { server, app, pass } = await scene()
    const run = await app.start(add(1, 2))
    const waiting = run.result().catch((cause: unknown) => cause)
    await server.settled()
    const address = addressOf(run.id)!
    const subject = recordSubject("memory", "r", address)
    const body = new Future().of(outcomeOf(address.run), change)
    await server.connect().publish({ subject, body })
    await server.settled()
    const words = "was written by a newer release of Arpeggio than this process has: upgrade it"
    const error = await waiting
    expect(error).toBeInstanceOf(InvalidResult)
    expect((error as Error).message).toContain(words)
    const other = await clientOver(server.connect())
    await expect(other.attach(run.id, add(1, 2)).outcome()).rejects.toThrow(words)
    expect(await other.attach(run.id, add(1, 2)).status()).toBe("newer")
    expect(await app.cancel(run.id)).toBe("newer")
    await pass(1)
  })

  test("does not keep the run from being collected", async () => {
    const { server, app, work, pass, left } = await scene()
    const run = await app.start(workflow)
    const address = addressOf(run.id)!
    const subject = recordSubject("memory", "r", address)
    await work(canvasTasks, { patience: "1 hour" })
    await server.settled()
    const body = new Future().of(outcomeOf(address.run), change)
    await server.connect().purge(subject)
    await server.connect().publish({ subject, body })
    await pass(10 * minute)
    expect(left()).toEqual([])
  })
})

test("a start that only a newer release reads is kept with its dead letter", async () => {
  const { server, app, work, pass, left } = await scene()
  const future = new Future()
  const run = await app.start(chain(identity(7), late(), record()))
  await work(canvasTasks, { patience: "20 minutes" })
  await pass(2_000)
  const timer = server.records("memory.s.>").find(({ subject }) => subject.includes(".collect."))!
  const { broker } = { broker: server.connect() }
  await broker.purge(timer.subject)
  const body = future.of(timer.body, fields({ zone: "b" }))
  await broker.publish({
    subject: recordSubject("memory", "g", addressOf(run.id)!, "start", "start"),
    body
  })
  await pass(25 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "UnknownTask" })
  const { letters } = await app.deadLetters.list()
  expect(letters[0]!.obstacle).toMatch(/newer release/)
  await expect(app.deadLetters.redrive(letters[0]!.id)).rejects.toThrow(NotRedrivable)
  await app.deadLetters.drop(letters[0]!.id)
  await pass(10 * minute)
  expect(left()).toEqual([])
})

describe("a dead letter that cannot be read", () => {
  const dead = { v: 1, kind: "dead", subject: "x", reason: "y", worker: "z", at: 0 } as const
  const letter = packMessage(dead, [JSON.stringify(Buffer.from("body").toString("base64"))])
  const bodies: { readonly [what: string]: Uint8Array } = {
    "a newer version": new Future().of(letter, fields({ v: 2 })),
    "a newer field": new Future().of(letter, fields({ tries: 2 })),
    "a newer field inside": new Future().of(
      letter,
      fields({ lost: [{ worker: "", began: 0, by: 1 }] })
    ),
    "a newer kind": new Future().of(letter, fields({ kind: "coffin" })),
    "no letter at all": Buffer.from("hello"),
    "a body in no form": packMessage(dead, ["{"])
  }

  test.each(Object.entries(bodies))("%s hides no other", async (what, body) => {
    const { server, app, work, pass } = await scene()
    await work(canvasTasks)
    const run = await app.start(late(1))
    await pass(3 * minute)
    const { owner, instance, run: token } = addressOf(run.id)!
    const address = { owner, instance, run: token }
    const subject = recordSubject("memory", "dl", address, "other")
    await server.connect().publish({ subject, body })
    const { letters } = await app.deadLetters.list()
    expect(letters).toHaveLength(2)
    const id = `${owner}.${instance}.${token}.other`
    const listed = letters.find((letter) => letter.id === id)!
    expect(listed).toMatchObject({ id, subject, run: run.id, task: undefined })
    const newer = what.includes("newer")
    expect(listed.obstacle).toMatch(
      newer ? /newer release: redrive it with that release/ : /cannot be read/
    )
    expect(listed.reason).toBe(listed.obstacle)
    expect((await app.deadLetters.read(id)).id).toBe(id)
    await expect(app.deadLetters.redrive(id)).rejects.toThrow(NotRedrivable)
    const good = letters.find((letter) => letter.id !== id)!
    if (newer) await expect(app.deadLetters.redrive(good.id)).rejects.toThrow(/newer release/)
    await app.deadLetters.drop(id)
    expect((await app.deadLetters.list()).letters).toMatchObject([{ id: good.id }])
    await app.deadLetters.redrive(good.id)
    expect((await app.deadLetters.list()).letters).toEqual([])
  })
})

test("a key of a newer release is taken", async () => {
  const { server, app } = await scene()
  const keyed = add(1, 2).with({ key: "k" })
  await app.start(keyed)
  const [key] = server.records("memory.k.>")
  await new Future().replace(server.connect(), key!, fields({ scope: "x" }))
  const error = await app.start(keyed).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(KeyTaken)
  expect((error as Error).message).toContain("a newer release of Arpeggio")
})

test("a run that has gone, whose key a newer release has written over, is not taken for ended by it", async () => {
  const { server, app } = await scene()
  const run = await app.start(add(1, 2).with({ key: "k" }))
  const [key] = server.records("memory.k.>")
  const broker = server.connect()
  await new Future().replace(broker, key!, fields({ scope: "x" }))
  await broker.purge("memory.t.>")
  const attached = (await clientOver(broker)).attach(run.id, add(1, 2))
  expect(await attached.status()).toBe("unknown")
  await expect(attached.outcome()).rejects.toThrow(UnknownRun)
})

test("callbacks and settled parts of this release are not taken for newer ones", async () => {
  const { app, work, pass } = await scene()
  await work(canvasTasks)
  const run = await app.start(chainOf([settle(onSuccess(identity(1), told())), record()]) as Some)
  await pass(minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Succeeded" })
})
