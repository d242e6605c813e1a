/** Delays, expiry and sleeps on a clock of the test's own: what is told of them, what ends them, and what they leave. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import {
  chain,
  group,
  onFailure,
  RunCancelled,
  RunExpired,
  settle,
  sleep,
  step,
  task,
  type AnyTask
} from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"

const { Finite } = Schema
const day = 86_400_000
let began: Array<number> = []

const place = async (options: { readonly worker?: boolean } = {}) => {
  const server = memoryServer({ clock: "manual" })
  began = []
  const note = task("times.note", { input: [Finite], output: Finite }, (x) => {
    began.push(server.clock.now())
    return x
  })
  const flaky = task(
    "times.flaky",
    { input: [Finite], output: Finite, retry: { times: 3, initial: "1 minute", jitter: 0 } },
    (x) => {
      began.push(server.clock.now())
      if (step().attempt <= x) throw new Error("not yet")
      return x
    }
  )
  const late = task(
    "times.late",
    { input: [Finite], output: Finite, delay: "1 hour", expires: "2 hours" },
    (x) => {
      began.push(server.clock.now())
      return x
    }
  )
  let failures: Array<unknown> = []
  const heard = task("times.heard", { input: [Schema.Json], output: Schema.Void }, (failure) => {
    failures.push(failure)
  })
  const tasks: ReadonlyArray<AnyTask> = [note, flaky, late, heard]
  const work = () => workerOver(server.connect(), tasks as never)
  if (options.worker !== false) await work()
  const app = await clientOver(server.connect())
  const pass = async (milliseconds: number): Promise<void> => {
    await server.settled()
    server.clock.advance(milliseconds)
    await server.settled()
  }
  /** What is stored besides outcomes, once all that looks after runs has been done. */
  const left = async (): Promise<ReadonlyArray<string>> => {
    for (let rounds = 0; rounds < 4; rounds++) await pass(130_000)
    return server
      .records()
      .map(({ subject }) => subject)
      .filter((subject) => !subject.startsWith("memory.r."))
  }
  return { server, app, work, pass, left, note, flaky, late, heard, failures }
}

test("a delayed call begins at its time, and its run says what it waits for", async () => {
  const { server, app, pass, note, left } = await place()
  const from = server.clock.now()
  const run = await app.start(note(1).with({ delay: "10 seconds" }))
  await pass(9_999)
  expect(began).toEqual([])
  expect(await run.status()).toBe("pending")
  const { waiting, words } = await run.describe()
  expect(waiting).toMatchObject([
    { for: "time", task: "times.note", since: new Date(from), until: new Date(from + 10_000) }
  ])
  expect(words).toBe(
    'times.note on queue "default" is delayed: it begins at 2026-01-01T00:00:10.000Z, in 1 second'
  )
  await pass(1)
  expect(began).toEqual([from + 10_000])
  expect(await run.result()).toBe(1)
  // Its end owes nothing, as that of any run of one call.
  expect(server.records().map(({ subject }) => subject.split(".")[1])).toEqual(["r"])
  expect(await left()).toEqual([])
})

test("a wait of days is told in days", async () => {
  const { server, app, note, left } = await place()
  const run = await app.start(note(1).with({ delay: "101 hours" }))
  await server.settled()
  expect((await run.describe()).words).toMatch(/, in 4 days$/)
  await run.cancel()
  expect(await left()).toEqual([])
})

test("times are counted from the end of the step before, and from an eta", async () => {
  const { server, app, pass, note } = await place()
  const from = server.clock.now()
  const eta = new Date(from + 3 * day)
  const later = note().with({ delay: "1 hour" })
  const run = await app.start(chain(note(1).with({ eta, expires: "1 minute" }), later))
  await pass(3 * day)
  await pass(3_600_000)
  expect(await run.result()).toBe(1)
  expect(began).toEqual([from + 3 * day, from + 3 * day + 3_600_000])
})

test("what a contract says holds for each call that says nothing else", async () => {
  const { server, app, pass, late } = await place()
  const from = server.clock.now()
  const own = await app.start(late(1))
  const sooner = await app.start(late(2).with({ delay: 0 }))
  const other = await app.start(late(3).with({ eta: new Date(from + 60_000) }))
  expect(await sooner.result()).toBe(2)
  await pass(60_000)
  expect(await other.result()).toBe(3)
  await pass(3_540_000)
  expect(await own.result()).toBe(1)
  expect(began).toEqual([from, from + 60_000, from + 3_600_000])
})

test("a chain sleeps for days without anything being done", async () => {
  const { server, app, pass, note, left } = await place()
  const from = server.clock.now()
  const run = await app.start(chain(note(1), sleep("3 days"), note()))
  await pass(1_000)
  const asked: Array<string> = []
  server.onCall = ({ verb, subject }) => {
    if (verb === "publish" && subject.startsWith("memory.s.")) asked.push(subject)
    return undefined
  }
  expect((await run.describe()).words).toBe(
    "a sleep has 1 second behind it, and ends at 2026-01-04T00:00:00.000Z, in 3 days"
  )
  expect(await run.status()).toBe("running")
  await pass(300_000)
  for (let hours = 0; hours < 71; hours++) await pass(3_600_000)
  // The look that its beginning has set, which puts the next off.
  expect(asked).toEqual([expect.stringContaining("collect")])
  server.onCall = undefined
  await pass(3_299_000)
  expect(await run.result()).toBe(1)
  expect(began).toEqual([from, from + 3 * day])
  expect(await left()).toEqual([])
})

test("a cancel ends what is delayed and what sleeps, and leaves nothing", async () => {
  const { server, app, pass, note, left } = await place()
  const runs = await Promise.all([
    app.start(note(1).with({ delay: "3 days" })),
    app.start(chain(note(1), sleep("3 days"), note())),
    app.start(group(note(1), sleep("3 days"), note(2).with({ delay: "3 days", expires: "9 days" })))
  ])
  await pass(1_000)
  began = []
  for (const run of runs) {
    const canceling = run.cancel()
    await pass(10)
    expect(await canceling).toBe("Cancelled")
    await expect(run.result()).rejects.toBeInstanceOf(RunCancelled)
  }
  expect(
    server.records("memory.s.>").filter(({ subject }) => /delay|sleep|expiry/.test(subject))
  ).toEqual([])
  await pass(4 * day)
  expect(began).toEqual([])
  expect(await left()).toEqual([])
})

test("a failed group stops what sleeps and what is delayed beside, and is not kept for it", async () => {
  const { app, pass, note, flaky, left } = await place()
  const failing = flaky(9).with({ retry: { times: 0 } })
  const workflow = settle(
    group(failing, chain(sleep("9 days"), note(1)), note(2).with({ delay: "9 days" }))
  )
  const run = await app.start(workflow)
  await pass(1_000)
  expect(await run.result()).toMatchObject({ _tag: "Crashed" })
  expect(await left()).toEqual([])
  await pass(10 * day)
  expect(began).toHaveLength(1)
})

test("a deadline ends what is delayed and what sleeps", async () => {
  const { app, pass, note, left } = await place()
  const run = await app.start(
    chain(sleep("2 hours"), note(1).with({ delay: "1 hour" })).with({ deadline: "150 minutes" })
  )
  await pass(150 * 60_000)
  expect(await run.outcome()).toMatchObject({ _tag: "TimedOut" })
  await pass(day)
  expect(began).toEqual([])
  expect(await left()).toEqual([])
})

test("what expires in a queue that nobody serves ends in time, tells its callbacks, and leaves nothing", async () => {
  const { server, app, pass, note, heard, failures, left } = await place()
  const nobody = { queue: "nobody", expires: "1 minute" } as const
  const solo = await app.start(note(1).with(nobody))
  const whole = onFailure(
    chain(note(2), group(note().with(nobody), sleep("9 days"))),
    heard() as never
  )
  const run = await app.start(whole as never)
  await pass(59_000)
  expect(await solo.status()).toBe("pending")
  await pass(2_500)
  expect(await solo.outcome()).toEqual({ _tag: "Expired" })
  const error = await solo.result().catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(RunExpired)
  expect(String(error)).toContain('Start more workers for queue "nobody", let it expire later')
  const unknown = await app.attach(solo.id).result().catch(String)
  expect(unknown).toContain("Start more workers for its queue, let it expire later")
  expect(await run.outcome()).toEqual({ _tag: "Expired" })
  await pass(100)
  expect(failures).toMatchObject([{ task: "times.note", error: { _tag: "Expired" } }])
  expect(began).toHaveLength(1)
  expect(server.records("memory.t.>").filter(({ subject }) => subject.includes("nobody"))).toEqual(
    []
  )
  expect(await left()).toEqual([])
})

test("a worker that comes too late begins nothing that has expired", async () => {
  const { app, pass, note, work } = await place({ worker: false })
  const run = await app.start(chain(note(1).with({ expires: "1 minute" }), note()))
  await pass(10 * 60_000)
  await work()
  await pass(100)
  expect(await run.outcome()).toEqual({ _tag: "Expired" })
  expect(began).toEqual([])
})

test("a call whose worker was lost in time says that it may have begun, and begins no more", async () => {
  const { server, app, pass, heard, failures, left } = await place({ worker: false })
  const lost = task("times.lost", { input: [Finite], output: Finite }, (x) => {
    began.push(x)
    return new Promise<number>(() => {})
  })
  const broker = server.connect()
  await workerOver(broker, [lost])
  const run = await app.start(onFailure(lost(1).with({ expires: "1 minute" }), heard() as never))
  await pass(10)
  expect(began).toEqual([1])
  server.crash(broker)
  await workerOver(server.connect(), [lost, heard])
  await pass(10 * 60_000)
  await pass(100)
  const expired = { _tag: "Expired", mayHaveBegun: true }
  expect(await run.outcome()).toEqual(expired)
  expect(await app.attach(run.id, settle(lost(1))).outcome()).toMatchObject(expired)
  const error = await run.result().catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(RunExpired)
  expect(error).toMatchObject({ mayHaveBegun: true })
  expect(String(error)).toContain("It may have been executed")
  expect(failures).toMatchObject([{ error: expired }])
  expect(began).toEqual([1])
  expect(await left()).toEqual([])
})

test("an attempt that would begin after the call expires is not waited for; one that is delayed has all of its attempts", async () => {
  const { server, app, pass, flaky, left } = await place()
  const from = server.clock.now()
  const short = await app.start(flaky(2).with({ expires: "2 minutes" }))
  const long = await app.start(flaky(1).with({ delay: "1 hour", expires: "2 hours" }))
  await pass(60_000)
  expect(await short.status()).toBe("Crashed")
  expect(began).toEqual([from, from + 60_000])
  await pass(59 * 60_000)
  expect(await long.status()).toBe("retrying")
  await pass(60_000)
  expect(await long.result()).toBe(1)
  expect(await left()).toEqual([])
})

test("a call that ended in time leaves nothing that would have ended it", async () => {
  const { server, app, pass, note } = await place()
  const run = await app.start(note(1).with({ expires: "365 days", deadline: "1 hour" }))
  const other = await app.start(chain(note(1), note().with({ expires: "365 days" })))
  await pass(10)
  expect([await run.result(), await other.result()]).toEqual([1, 1])
  const left = (): ReadonlyArray<string> =>
    server.records("memory.s.>").map(({ subject }) => subject.split(".").slice(-2).join("."))
  expect(left()).toEqual(["2.expiry", "collect._"])
  await pass(125_000)
  expect(left()).toEqual([])
})

test("a keyed start that is delayed is one run, and is told what it waits for", async () => {
  const { server, app, pass, note, left } = await place()
  const from = server.clock.now()
  const workflow = note(1).with({ delay: "1 hour", expires: "2 hours", key: "once" })
  const [one, two] = await Promise.all([app.start(workflow), app.start(workflow)])
  expect(two.id).toBe(one.id)
  await pass(1_000)
  expect((await one.describe()).waiting).toMatchObject([{ for: "time" }])
  await pass(3_599_000)
  expect(await one.result()).toBe(1)
  expect(began).toEqual([from + 3_600_000])
  expect((await left()).filter((subject) => !subject.includes(".k."))).toHaveLength(1)
})

test("what a handler returns sleeps from when it was returned", async () => {
  const { server, app, pass, note, work } = await place({ worker: false })
  const from = server.clock.now()
  const returning = task("times.returning", { input: [Finite], output: Finite }, (x) =>
    chain(sleep("1 hour"), note(x).with({ delay: "10 minutes" }))
  )
  await workerOver(server.connect(), [returning])
  await work()
  const run = await app.start(chain(sleep("1 day"), returning(1)))
  await pass(day)
  await pass(3_600_000)
  await pass(600_000)
  expect(await run.result()).toBe(1)
  expect(began).toEqual([from + day + 3_600_000 + 600_000])
})

test("a delayed call that became a dead letter is redriven at once, and does not expire", async () => {
  const { server, app, pass, note } = await place({ worker: false })
  const nobody = task("times.nobody", { input: [Finite], output: Finite })
  const last = nobody().with({ delay: "1 hour", expires: "5 hours" })
  const other = await workerOver(server.connect(), [note], { patience: "30 minutes" })
  const run = await app.start(chain(note(1), sleep("1 hour"), last, note()))
  for (const _ of ["the sleep", "the delay"]) await pass(3_600_000)
  // In steps that no lease runs out in: a call that is lost is parked anew.
  for (let steps = 0; steps < 200; steps++) await pass(10_000)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "UnknownTask" })
  await other.drain()
  await pass(3 * day)
  const somebody = task("times.nobody", { input: [Finite], output: Finite }, (x) => x + 1)
  await workerOver(server.connect(), [note, somebody])
  const { letters } = await app.deadLetters.list()
  began = []
  const redriven = await app.deadLetters.redrive(letters[0]!.id)
  await pass(10)
  expect(await app.attach(redriven.id).outcome()).toEqual({ _tag: "Succeeded", value: 2 })
  expect(began).toHaveLength(1)
})

test("the refusals of times say why", async () => {
  const { note } = await place({ worker: false })
  const words = (make: () => unknown): string => {
    try {
      make()
    } catch (cause) {
      return String(cause)
    }
    return "nothing"
  }
  expect(words(() => note(1).with({ delay: "10 seconds", expires: "10 seconds" }))).toContain(
    "times.note: it expires 10 seconds after it could be queued, and is delayed by 10 seconds: it could never begin. Let it expire later than that"
  )
  expect(words(() => note(1).with({ delay: "1 hour" }).with({ expires: "5 seconds" }))).toContain(
    "it could never begin"
  )
  const eta = new Date("2027-01-01T08:00:00Z")
  expect(words(() => note(1).with({ eta, expires: new Date("2027-01-01T07:00:00Z") }))).toContain(
    "it expires at 2027-01-01T07:00:00.000Z, and may begin at 2027-01-01T08:00:00.000Z"
  )
  expect(words(() => note(1).with({ delay: 5 as never }))).toContain("5: say the unit")
  expect(words(() => note(1).with({ delay: "1 hour", eta } as never))).toContain(
    "delay and eta both say when a call may begin"
  )
  expect(words(() => note(1).with({ eta: "soon" as never }))).toContain("eta is a valid Date")
  expect(words(() => note(1).with({ expires: 0 }))).toContain("expires is a duration above zero")
  expect(words(() => sleep("-1 seconds" as never))).toContain("sleep's time is a duration")
  expect(words(() => chain(sleep(1 as never), note()))).toContain("1: say the unit")
  expect(words(() => chain(note(1), sleep(0), sleep(0) as never))).toContain("a sleep follows")
  expect(words(() => settle(sleep(0) as never))).toContain("is no workflow by itself")
  const strange = { input: [], output: Finite, delay: "2 hours", expires: "1 hour" } as const
  expect(words(() => task("times.strange", strange))).toContain("it could never begin")
})
