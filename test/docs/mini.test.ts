/** The mini-Arpeggio of docs/design/mini: it does what its page says, also when its workers die, and its page has all of it. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  Broker,
  chain,
  group,
  type Handler,
  lease,
  type Outcome,
  type Plan,
  start,
  task,
  work
} from "../../docs/design/mini/mini.ts"
import { root } from "../examples/program.ts"
import { snippetsOf } from "./snippets.ts"

class Dead extends Error {}

/** The same broker, as a worker has it that dies right before or right after one of its calls. */
const doomed = (broker: Broker, fatal: string | number, when: "before" | "after"): Broker => {
  let calls = 0
  return new Proxy(broker, {
    get: (target, name) => {
      const method = Reflect.get(target, name, target) as (...args: Array<unknown>) => unknown
      if (typeof method !== "function") return method
      return async (...args: ReadonlyArray<unknown>) => {
        const isFatal = fatal === calls++ || fatal === name
        if (isFatal && when === "before") throw new Dead()
        const answer = await method.apply(target, [...args])
        if (isFatal) throw new Dead()
        return answer
      }
    }
  })
}

/** The tasks of these tests, which count how often each was executed, and a broker that notes what is stored. */
const scene = () => {
  const executed: Array<string> = []
  const counted = (name: string, handler: Handler) =>
    task(name, (...args) => {
      executed.push(name)
      return handler(...args)
    })
  const add = counted("add", (left: number, right: number) => left + right)
  const mul = counted("mul", (left: number, right: number) => left * right)
  const sum = counted("sum", (all: ReadonlyArray<number | ReadonlyArray<number>>) =>
    all.flat().reduce((a, b) => a + b, 0)
  )
  const fail = counted("fail", () => {
    throw new Error("no")
  })
  const handlers = new Map([add, mul, sum, fail].map(({ task, handler }) => [task, handler]))
  const offered: Array<readonly [subject: string, outcome: Outcome]> = []
  class Noting extends Broker {
    override async commit(subject: string, outcome: Outcome): Promise<Outcome> {
      offered.push([subject, outcome])
      return super.commit(subject, outcome)
    }
  }
  const broker = new Noting()
  const timesOf = (name: string): number => executed.filter((other) => other === name).length
  const offersOf = (place: string) => offered.filter(([subject]) => subject === place)
  return { add, mul, sum, fail, handlers, broker, timesOf, offersOf }
}

type Scene = ReturnType<typeof scene>

/** Works until nothing is left, also of what a dead worker had leased. */
const finish = async ({ broker, handlers }: Scene): Promise<Outcome | undefined> => {
  broker.now += lease
  while (await work(broker, handlers));
  broker.now += lease
  expect(await work(broker, handlers)).toBe(false)
  return broker.read("run.0")
}

/** Works with a worker that dies there; gives whether it has come so far. */
const dies = async (
  { broker, handlers }: Scene,
  fatal: string | number,
  when: "before" | "after"
): Promise<boolean> => {
  const worker = doomed(broker, fatal, when)
  try {
    while (await work(worker, handlers));
    return false
  } catch (cause) {
    if (!(cause instanceof Dead)) throw cause
    return true
  }
}

const workflows: {
  readonly [name: string]: readonly [plan: (tasks: Scene) => Plan, outcome: Outcome]
} = {
  "a chain": [({ add, mul }) => chain(add(4, 2), mul(3)), { value: 18 }],
  "a chord": [({ add, sum }) => chain(group(add(1, 2), add(3, 4)), sum()), { value: 10 }],
  "chains in a group in a chain": [
    ({ add, mul, sum }) => chain(add(1, 1), group(chain(mul(2), mul(3)), add(5), group()), sum()),
    { value: 19 }
  ],
  "a member that fails": [
    ({ add, fail, sum }) => chain(group(add(1, 2), chain(fail(), add(1))), sum()),
    { error: "Error: no" }
  ]
}

describe.each(Object.entries(workflows))("%s", (_, [plan, outcome]) => {
  it("ends as it should", async () => {
    const here = scene()
    await start(here.broker, "run", plan(here))
    expect(await finish(here)).toEqual(outcome)
  })

  it.each(["before", "after"] as const)(
    "ends so when a worker dies %s any of its calls",
    async (when) => {
      let fatal = 0
      for (let died = true; died; fatal++) {
        const here = scene()
        await start(here.broker, "run", plan(here))
        died = await dies(here, fatal, when)
        expect(await finish(here), `dead ${when} call ${fatal}`).toEqual(outcome)
      }
      expect(fatal).toBeGreaterThan(10)
    }
  )
})

it("executes nothing again when a worker has died between outcome and ack", async () => {
  const here = scene()
  await start(here.broker, "run", here.add(4, 2))
  expect(await dies(here, "ack", "before")).toBe(true)
  expect(await here.broker.read("run.0")).toEqual({ value: 6 })
  expect(await finish(here)).toEqual({ value: 6 })
  expect(here.timesOf("add")).toBe(1)
})

it("does what follows when a worker has died before it did", async () => {
  const here = scene()
  await start(here.broker, "run", chain(here.add(4, 2), here.mul(3)))
  await work(here.broker, here.handlers)
  expect(await dies(here, "publish", "before")).toBe(true)
  expect(await here.broker.read("run.0.0")).toEqual({ value: 6 })
  expect(await here.broker.read("run.0")).toBeUndefined()
  expect(await finish(here)).toEqual({ value: 18 })
  expect(here.timesOf("add")).toBe(1)
})

it("joins a group once that two workers finish at the same moment", async () => {
  const here = scene()
  const { broker, handlers, add, sum } = here
  await start(broker, "run", chain(group(add(1, 2), add(3, 4)), sum()))
  // The chain, and the group.
  for (const _ of [1, 2]) await work(broker, handlers)
  await Promise.all([work(broker, handlers), work(broker, handlers)])
  expect(here.offersOf("run.0.0")).toEqual([
    ["run.0.0", { value: [3, 7] }],
    ["run.0.0", { value: [3, 7] }]
  ])
  expect(await finish(here)).toEqual({ value: 10 })
  expect(here.timesOf("sum")).toBe(1)
})

/** A task whose first execution ends only when it is let go; each gives its number. */
const slow = () => {
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  let times = 0
  const call = task("slow", async () => {
    const own = ++times
    if (own === 1) await held
    return own
  })
  return { call, letGo: () => letGo(), times: () => times }
}

it("goes on from the outcome that is stored when a worker comes back that slept for longer than its lease", async () => {
  const here = scene()
  const { broker, handlers } = here
  const { call, letGo } = slow()
  handlers.set("slow", call.handler)
  await start(broker, "run", chain(call(), here.mul(10)))
  await work(broker, handlers)
  const sleeper = work(broker, handlers)
  broker.now += lease
  // The one that took over stores 2, and dies.
  expect(await dies(here, "publish", "before")).toBe(true)
  letGo()
  await sleeper
  expect(here.offersOf("run.0.0")).toEqual([
    ["run.0.0", { value: 2 }],
    ["run.0.0", { value: 1 }]
  ])
  expect(await broker.read("run.0.0")).toEqual({ value: 2 })
  expect(await finish(here)).toEqual({ value: 20 })
})

it("leaves a step with its worker when it is sent once more", async () => {
  const here = scene()
  const { broker, handlers } = here
  const { call, letGo, times } = slow()
  handlers.set("slow", call.handler)
  await start(broker, "run", chain(here.add(1, 1), call()))
  await work(broker, handlers)
  expect(await dies(here, "ack", "before")).toBe(true)
  broker.now += lease / 2
  const holder = work(broker, handlers)
  broker.now += lease / 2
  // The lease of the one that died is over: what follows is sent again.
  await work(broker, handlers)
  expect(await work(broker, handlers)).toBe(false)
  letGo()
  await holder
  expect(times()).toBe(1)
})

it("stands in its page, all of it and in order", () => {
  const program = readFileSync(join(root, "docs/design/mini/mini.ts"), "utf8")
  const pieces = snippetsOf("docs/design/mini/README.md")
    .filter(({ language }) => language === "ts mini")
    .map(({ text }) => text)
  const [, ...rest] = program.split("*/\n\n")
  expect(pieces.join("\n")).toBe(rest.join("*/\n\n"))
})

it("can be read at once", () => {
  const lines = readFileSync(join(root, "docs/design/mini/mini.ts"), "utf8").split("\n")
  const code = lines.filter((line) => /\S/.test(line) && !/^\s*(?:\/?\*|\/\/)/.test(line))
  expect(code.length).toBeLessThan(120)
})
