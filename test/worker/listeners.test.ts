/** What listens to a step's signal, and how many, is the handler's business: a mistake in it costs no worker. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { addAbortListener } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, describe, expect, onTestFinished, test } from "vitest"
import { step, task } from "arpeggio"
import { both } from "./both.ts"

const { Finite } = Schema
const heard: Array<string> = []
afterEach(() => {
  heard.length = 0
})
const timeout = "20 millis"
const contract = { input: [], output: Finite, timeout } as const

const ways: { readonly [name: string]: (signal: AbortSignal) => void } = {
  function: (signal) =>
    signal.addEventListener("abort", () => {
      throw new Error("a function")
    }),
  object: (signal) =>
    signal.addEventListener("abort", {
      handleEvent() {
        throw new Error("an object")
      }
    }),
  property: (signal) => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is another way, and must not be a hole
    signal.onabort = () => {
      throw new Error("a property")
    }
  },
  promise: (signal) =>
    signal.addEventListener("abort", async () => {
      throw new Error("a promise")
    }),
  once: (signal) => {
    addAbortListener(signal, () => {
      throw new Error("once")
    })
  }
}

const careless = task("listen.careless", { ...contract, input: [Schema.String] }, (way) => {
  const { signal } = step()
  ways[way]!(signal)
  signal.addEventListener("abort", () => heard.push("the next"))
  return sleep(60_000, 1, { signal, ref: false })
})
const removed = task("listen.removed", contract, () => {
  const { signal } = step()
  const listener = (): number => heard.push("removed")
  signal.addEventListener("abort", listener)
  signal.addEventListener("abort", listener)
  signal.removeEventListener("abort", listener)
  return sleep(60_000, 1, { signal, ref: false })
})
const many = task("listen.many", contract, () => {
  const { signal } = step()
  return Promise.all(
    Array.from({ length: 40 }, () => sleep(60_000, 1, { signal, ref: false }))
  ).then(() => 1)
})
const manyInEffect = task("listen.effect", contract, () =>
  Effect.promise(async () => {
    const { signal } = step()
    await Promise.all(Array.from({ length: 40 }, () => sleep(60_000, 1, { signal, ref: false })))
    return 1
  })
)
const add = task("listen.add", { input: [Finite], output: Finite }, (x) => x + 1)
const tasks = [careless, removed, many, manyInEffect, add] as const

describe.each(both)("on $broker", ({ open }) => {
  test.each(Object.keys(ways))("a listener that throws, %s, is a line of the log", async (way) => {
    const { app, worker, lines } = await open(tasks)
    await expect(app.run(careless(way))).rejects.toThrow("listen.careless")
    await expect.poll(() => lines.join("\n")).toContain("a listener of its step().signal threw")
    expect(lines.filter((line) => line.includes("signal threw"))).toHaveLength(1)
    expect(lines.join("\n")).toMatch(/listen\.careless#0 .* threw Error: (an? \w+|once)/)
    // Nobody behind it is passed over, and the worker is as well as before.
    expect(heard).toEqual(["the next"])
    expect(await app.run(add(1))).toBe(2)
    expect(await worker.health()).toMatchObject({ ok: true, busy: 0 })
  })

  test("a listener that was taken away hears nothing", async () => {
    const { app } = await open(tasks)
    await expect(app.run(removed())).rejects.toThrow("listen.removed")
    expect(heard).toEqual([])
  })

  test("any number may listen without a warning", async () => {
    const warnings: Array<Error> = []
    const warned = (warning: Error): number => warnings.push(warning)
    process.on("warning", warned)
    onTestFinished(() => void process.off("warning", warned))
    const { app } = await open(tasks)
    await expect(app.run(many())).rejects.toThrow("listen.many")
    await expect(app.run(manyInEffect())).rejects.toThrow("listen.effect")
    const { signal } = new AbortController()
    const runs = Array.from({ length: 40 }, (_, x) => app.run(add(x), undefined, { signal }))
    await Promise.all(runs)
    const started = await app.start(add(1))
    await Promise.all(Array.from({ length: 40 }, () => started.result({ signal })))
    await Promise.all(Array.from({ length: 40 }, () => app.deadLetters.list({ signal })))
    // A warning is told in a later turn.
    await sleep(1)
    expect(warnings).toEqual([])
  })
})
