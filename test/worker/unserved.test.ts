/** Queues that nobody serves any more: they are told of, and their calls become dead letters that can be done elsewhere. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { chain, chord, group, ignoreInput, map, task } from "arpeggio"
import { workerOver, type Fault } from "arpeggio/testing"
import { hour, minute, one, scene, second, two } from "./unserved-scene.ts"

const told = /^calls wait on queue "mail" and no worker takes from it, for /
const again = 'queue "mail": a worker takes from it again'

test("a task moved to another queue while a run is under way: told, given up after patience, redriven to the new queue", async () => {
  const { app, lines, work, pass } = await scene()
  const run = await app.start(chain(one(), two("mail")()))
  const worker = await work([one, two("notify")])
  await pass(3 * minute)
  expect(lines.filter((line) => told.test(line))).toHaveLength(1)
  expect((await worker.health()).problems.join()).toMatch(
    /calls wait on queue "mail" and no worker takes from it, for .* minutes: 1 call, the oldest of task two\. Start a worker that serves two, and that queue \(queues: \["mail"\]\); what has waited for 1 hour \(patience\) becomes a dead letter/
  )
  await pass(50 * minute)
  expect(await run.status()).toBe("running")
  await pass(20 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed" })
  expect((await worker.health()).problems).toEqual([])
  await expect(run.result()).rejects.toThrow(
    /no worker took two from queue "mail" within 1 hour: start one .*redrive it to a queue that is served, with deadLetters\.redrive\(id, \{ queue \}\)\.?$/
  )
  const [letter] = (await app.deadLetters.list()).letters
  expect(letter).toMatchObject({ task: "two", queue: "mail", obstacle: undefined })
  const { id } = await app.deadLetters.redrive(letter!.id, { queue: "notify" })
  await pass(second)
  expect(await app.attach(id, chain(one(), two("mail")())).result()).toBe(2)
})

test("a queue that was never served, and a run of one call", async () => {
  const { app, lines, work, pass } = await scene()
  const worker = await work([one], { patience: "5 minutes" })
  const run = await app.start(one().with({ queue: "mail" }))
  await pass(2 * minute)
  expect(lines.filter((line) => told.test(line))).toHaveLength(1)
  await pass(6 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed" })
  expect(lines.join("\n")).toContain(
    'queue "mail": 1 call that no worker took is a dead letter now'
  )
  const [letter] = (await app.deadLetters.list()).letters
  const { id } = await app.deadLetters.redrive(letter!.id, { queue: "default" })
  await pass(second)
  expect(await app.attach(id, one()).result()).toBe(1)
  expect((await worker.health()).ok).toBe(true)
})

test("a worker with all slots busy for hours serves its queue", async () => {
  const { app, lines, work, pass } = await scene()
  let open: () => void = () => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const long = task(
    "long",
    { input: [], output: Schema.Finite, queue: "mail", timeout: "1 day" },
    async () => {
      await gate
      return 1
    }
  )
  await work([long], { concurrency: 1 })
  const other = await work([one], { patience: "10 minutes" })
  const runs = await Promise.all([1, 2, 3].map(() => app.start(long())))
  await pass(3 * hour)
  expect((await other.health()).problems).toEqual([])
  expect((await app.deadLetters.list()).letters).toEqual([])
  open()
  await pass(second)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([1, 1, 1])
  expect(lines.filter((line) => line.includes('queue "'))).toEqual([])
})

test("a worker that comes back before patience is over does all that has waited, and that is told", async () => {
  const { app, lines, work, pass } = await scene()
  const first = await work([two("mail")])
  const other = await work([one])
  await pass(minute)
  await first.drain()
  const runs = await Promise.all([1, 2, 3].map((x) => app.start(two("mail")(x))))
  await pass(58 * minute)
  expect((await other.health()).ok).toBe(false)
  await work([two("mail")])
  await pass(2 * minute)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4])
  await pass(2 * hour)
  expect((await other.health()).problems).toEqual([])
  expect((await app.deadLetters.list()).letters).toEqual([])
  expect(lines.filter((line) => line === again)).toHaveLength(1)
})

test("a backlog of three hours is not lost when its workers start a little after the others", async () => {
  const { app, lines, work, pass } = await scene()
  const runs = await Promise.all([1, 2, 3].map((x) => app.start(two("mail")(x))))
  await pass(3 * hour)
  await work([one], { patience: "1 minute" })
  await pass(40 * second)
  await work([two("mail")])
  await pass(10 * minute)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4])
  expect(lines.filter((line) => line.includes("dead letter now"))).toEqual([])
})

test("a worker comes back as the calls are given up: each is executed or a dead letter, and has one outcome", async () => {
  const { app, server, work, pass } = await scene()
  const ran: Array<number> = []
  const numbers = Array.from({ length: 200 }, (_, at) => at)
  const runs = await Promise.all(numbers.map((x) => app.start(two("mail")(x))))
  await work([one], { patience: "1 minute" })
  let letters = 0
  let coming: Promise<unknown> | undefined
  server.onCall = ({ verb, subject }): Fault | undefined => {
    if (verb !== "publish" || !subject.includes(".dl.")) return undefined
    letters += 1
    if (letters === 20) coming = work([two("mail", (x) => ran.push(x))])
    return undefined
  }
  await pass(5 * minute)
  await coming
  await pass(5 * minute)
  const outcomes = await Promise.all(runs.map((run) => run.outcome()))
  const crashed = numbers.filter((x) => outcomes[x]!._tag === "Crashed")
  expect(outcomes.filter(({ _tag }) => _tag === "Succeeded")).toHaveLength(200 - crashed.length)
  expect(ran.toSorted((a, b) => a - b)).toEqual(numbers.filter((x) => !crashed.includes(x)))
  expect(ran.length).toBeGreaterThan(100)
  expect((await app.deadLetters.list({ limit: 1_000 })).letters).toHaveLength(crashed.length)
})

test("several workers give up at once, and every other answer is lost: one letter for each call", async () => {
  const { app, server, work, pass } = await scene()
  await Promise.all([1, 2, 3].map(() => work([one], { patience: "1 minute" })))
  const runs = await Promise.all(
    Array.from({ length: 60 }, (_, x) => app.start(chain(two("mail")(x), ignoreInput(one()))))
  )
  let count = 0
  server.onCall = ({ verb, subject }): Fault | undefined =>
    verb === "publish" && subject.includes(".dl.") && (count += 1) % 2 === 0
      ? "unanswered"
      : undefined
  await pass(10 * minute)
  const outcomes = await Promise.all(runs.map((run) => run.outcome()))
  expect(outcomes.every(({ _tag }) => _tag === "Crashed")).toBe(true)
  expect((await app.deadLetters.list({ limit: 1_000 })).letters).toHaveLength(60)
})

test("calls that a worker had in hand when it died are given up, too", async () => {
  const { app, server, work, pass } = await scene()
  const stuck = task(
    "stuck",
    { input: [], output: Schema.Finite, queue: "mail" },
    () => new Promise<number>(() => {})
  )
  const dying = server.connect()
  await workerOver(dying, [stuck])
  const run = await app.start(stuck())
  await pass(second)
  server.crash(dying)
  const other = await work([one], { patience: "10 minutes" })
  await pass(5 * minute)
  expect((await other.health()).ok).toBe(false)
  await pass(10 * minute)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed" })
})

test("a call that came later has its own patience", async () => {
  const { app, work, pass } = await scene()
  await work([one])
  const early = await app.start(two("mail")(1))
  await pass(50 * minute)
  const late = await app.start(two("mail")(2))
  await pass(20 * minute)
  expect(await early.status()).toBe("Crashed")
  expect(await late.status()).toBe("pending")
  await pass(50 * minute)
  expect(await late.status()).toBe("Crashed")
})

test("workers that are replaced go on with what the others have seen", async () => {
  const { app, work, pass } = await scene()
  const run = await app.start(two("mail")(1))
  let worker = await work([one])
  for (let round = 0; round < 4; round += 1) {
    await pass(20 * minute)
    const next = await work([one])
    await pass(2 * minute)
    await worker.drain()
    worker = next
  }
  expect(await run.status()).toBe("Crashed")
})

test("what follows a call that is given up follows: a member of a chord fails the whole, a cancel comes first", async () => {
  const { app, work, pass } = await scene()
  const sum = task("sum", { input: [Schema.Array(Schema.Finite)], output: Schema.Finite }, (all) =>
    all.reduce((a, b) => a + b, 0)
  )
  await work([one, sum], { patience: "10 minutes" })
  const whole = await app.start(chord([one(), two("mail")(1)], sum()))
  const cancelled = await app.start(two("mail")(2))
  await pass(minute)
  const end = cancelled.cancel()
  await pass(second)
  expect(await end).toBe("Cancelled")
  await pass(15 * minute)
  expect(await whole.outcome()).toMatchObject({ _tag: "Crashed" })
  expect((await app.deadLetters.list()).letters).toHaveLength(1)
})

test("redriven to another queue: every call of the run that had the letter's queue goes there, in whatever part", async () => {
  const { app, work, pass } = await scene()
  const ran: Array<number> = []
  const spread = task("spread", { input: [], output: Schema.Array(Schema.Finite) }, () => [1, 2])
  const nest = task("nest", { input: [Schema.Finite], output: Schema.Finite }, (x) =>
    two("mail")(x)
  )
  const large = "x".repeat(3_000)
  const keep = task(
    "keep",
    { input: [Schema.String], output: Schema.Finite },
    (text) => text.length
  )
  await work([one, spread, nest, keep, two("notify", (x) => ran.push(x))], { patience: "1 minute" })
  const workflow = group(
    chain(spread(), map(two("mail")())),
    chain(one(), nest()),
    chain(keep(large), two("mail")())
  )
  const run = await app.start(workflow)
  await pass(10 * minute)
  expect(await run.status()).toBe("Crashed")
  const { letters } = await app.deadLetters.list()
  await expect(app.deadLetters.redrive(letters[0]!.id, { queue: "no good" })).rejects.toThrow(
    /redrive: a queue's name has 1 to 32 letters/
  )
  const first = await app.deadLetters.redrive(letters[0]!.id, { queue: "nowhere" })
  await pass(10 * minute)
  expect(await app.attach(first.id, workflow).status()).toBe("Crashed")
  const [letter] = (await app.deadLetters.list()).letters
  expect(letter).toMatchObject({ queue: "nowhere" })
  const { id } = await app.deadLetters.redrive(letter!.id, { queue: "notify" })
  await pass(minute)
  expect(await app.attach(id, workflow).result()).toEqual([[2, 3], 2, 3_001])
  expect(ran.toSorted((a, b) => a - b)).toEqual([1, 1, 2, 3_000])
})

test("a worker that says it serves a queue while its calls are about to be given up has them", async () => {
  const { app, server, work, pass } = await scene()
  const start = (x: number) => app.start(two("mail")(x))
  const runs = await Promise.all([1, 2, 3, 4, 5].map(start))
  await work([one], { patience: "5 minutes" })
  await pass(4 * minute)
  let go = (): void => {}
  const hold = new Promise<void>((resolve) => (go = resolve))
  const holds: Array<string> = []
  server.onCall = ({ verb, subject }): Fault | undefined => {
    if (verb !== "consume" || !subject.startsWith("mail") || holds.length > 0) return undefined
    holds.push(subject)
    return { hold }
  }
  for (let tries = 0; tries < 40 && holds.length === 0; tries += 1) await pass(10 * second)
  expect(holds).toHaveLength(1)
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const slow = task(
    "two",
    { input: [Schema.Finite], output: Schema.Finite, queue: "mail" },
    async (x) => {
      await gate
      return x + 1
    }
  )
  await work([slow], { concurrency: 1 })
  await pass(second)
  go()
  await pass(10 * second)
  open()
  await pass(20 * second)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual([2, 3, 4, 5, 6])
})
