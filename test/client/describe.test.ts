/** Why a run has not ended: which step waits, since when, where and for what. */
import * as Schema from "effect/Schema"
import { afterEach, describe, expect, test } from "vitest"
import { chain, group, type RunDescription, RunExpired, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"

const number = { input: [Schema.Finite], output: Schema.Finite } as const
const double = task("why.double", number, (x) => x * 2)
const never = task("why.never", number, () => new Promise<number>(() => {}))
const mail = task("why.mail", { ...number, queue: "mail" }, (x) => x)
const older = task(
  "why.mail",
  { input: [Schema.String], output: Schema.Finite, queue: "mail" },
  (text) => text.length
)
const other = task("why.other", { ...number, queue: "mail" }, (x) => x)
const flaky = task(
  "why.flaky",
  { ...number, retry: { times: 3, initial: "10 minutes", max: "10 minutes", jitter: 0 } },
  (): number => {
    throw new RangeError("no such shelf")
  }
)
type Served =
  | typeof double
  | typeof never
  | typeof mail
  | typeof other
  | typeof flaky
  | typeof older

const open: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const start = async () => {
  const server = memoryServer()
  const app = await clientOver(server.connect())
  open.push(() => app.close())
  const work = async (tasks: ReadonlyArray<Served>, options = {}) => {
    const worker = await workerOver(server.connect(), tasks, { grace: "1 milli", ...options })
    open.push(() => worker.drain())
    return worker
  }
  return { server, app, work }
}

test("a call that nobody began in time says who ends it", async () => {
  const { app, work } = await start()
  const run = await app.start(double(1).with({ expires: "50 millis" }))
  const { waiting } = await soon(
    run,
    /^why\.double waits on queue "default" for .*, and expired at \S+Z: nobody begins it any more, and the first worker of the namespace that is there ends it as Expired$/
  )
  expect(waiting).toMatchObject([{ for: "worker" }])
  await work([never])
  await expect(run.result()).rejects.toThrow(RunExpired)
})

/** Described again until it is so. */
const soon = async (
  run: { describe(): Promise<RunDescription> },
  words: RegExp
): Promise<RunDescription> => {
  let found: RunDescription | undefined
  await expect
    .poll(async () => (found = await run.describe()).words, { timeout: 15_000 })
    .toMatch(words)
  return found!
}

describe("a step in its queue", () => {
  test("waits for any worker where a group is to begin", async () => {
    const { app } = await start()
    const run = await app.start(group(double(1), double(2)))
    const told = await run.describe()
    expect(told.waiting).toMatchObject([{ task: "", queue: "_", for: "worker" }])
    expect(told.words).toMatch(
      /^a group or map waits for \d+ seconds? to be begun, and no worker is there: start one$/
    )
  })

  test("waits for a worker where nobody serves the queue", async () => {
    const { app, server } = await start()
    const run = await app.start(chain(mail(1), double()))
    const stored = server.connect().now()
    const told = await run.describe()
    expect(told).toMatchObject({ run: run.id, status: "pending", more: 0 })
    expect(told.waiting).toMatchObject([
      { step: "1", task: "why.mail", queue: "mail", attempt: 1, for: "worker" }
    ])
    expect(Math.abs(told.waiting[0]!.since.getTime() - stored)).toBeLessThan(5_000)
    expect(told.words).toMatch(
      /^why\.mail waits on queue "mail" for \d+ seconds?, and no worker takes from that queue: start one that serves why\.mail, with queues: \["mail"\]$/
    )
  })

  test("waits for a worker that does its task, where those of the queue do not", async () => {
    const { app, work } = await start()
    await work([other])
    const run = await app.start(mail(1))
    const told = await soon(run, /no worker there serves that task/)
    expect(told.waiting).toMatchObject([{ task: "why.mail", queue: "mail", for: "task" }])
    // Whoever does not know the workflow is not told the queue of a call that has been put back.
    const elsewhere = await soon(app.attach(run.id), /no worker there serves that task/)
    expect(elsewhere.waiting).toMatchObject([{ task: "why.mail", for: "task" }])
    await work([mail])
    expect(await run.result()).toBe(1)
  })

  test("waits for a worker with its version, where those there have another", async () => {
    const { app, work } = await start()
    await work([older])
    const run = await app.start(mail(1))
    const told = await soon(run, /another version of its contract/)
    expect(told.waiting).toMatchObject([{ task: "why.mail", for: "task" }])
    expect(told.words).toMatch(/ \(\S+\): start one with the version that the call was made with$/)
  })

  test("waits for a free slot, and says with how many others", async () => {
    const { app, work } = await start()
    const worker = await work([never, double], { concurrency: 1 })
    const first = await app.start(never(1))
    const told = await soon(first, /^why\.never runs at worker \S+, for/)
    expect(told.waiting).toMatchObject([{ for: "handler", worker: expect.any(String), step: "0" }])
    const runs = await app.startAll([double(1), double(2)])
    const second = await runs[1].run!.describe()
    expect(second.waiting).toMatchObject([{ for: "slot", task: "why.double" }])
    expect(second.words).toMatch(
      /^why\.double waits on queue "default" for \d+ seconds?, with 1 other: all slots of \S+ are taken, or it is handed out in a moment$/
    )
    await worker.drain()
  })

  test("that a worker has taken and does not say it runs is told apart", async () => {
    const { app, server } = await start()
    const run = await app.start(double(1))
    const broker = server.connect()
    const lane = { queue: "default", level: "0" }
    const pull = await broker.consume(lane, () => {})
    pull.pull(1)
    const told = await soon(run, /does not say it runs/)
    expect(told.waiting).toMatchObject([{ for: "answer" }])
    expect(told.words).toContain("no worker of that queue answers now")
  })
})

test("a step that failed waits for its next attempt, and says why", async () => {
  const { app, work } = await start()
  await work([flaky])
  const run = await app.start(flaky(1))
  const told = await soon(run, /attempt 2/)
  expect(await run.status()).toBe("retrying")
  expect(told).toMatchObject({ waiting: [{ for: "retry", attempt: 2 }] })
  expect(told.waiting[0]!.until!.getTime() - told.waiting[0]!.since.getTime()).toBe(600_000)
  expect(told.words).toMatch(
    /^why\.flaky waits for its attempt 2 until \S+Z, in (10|9\.9|9) minutes, because attempt 1 crashed: RangeError: no such shelf$/
  )
})

test("members that have ended wait for the others", async () => {
  const { app, work } = await start()
  await work([double, never])
  const run = await app.start(group(double(1), double(2), never(3)))
  const told = await soon(run, /2 others of its group or map have ended$/)
  expect(told.waiting).toMatchObject([{ task: "why.never", for: "handler", ended: 2 }])
})

test("a chain that a worker carries on says which of its steps runs", async () => {
  const { app, work } = await start()
  await work([double, never])
  const run = await app.start(chain(double(1), double(), never()))
  const told = await soon(run, /^why\.never runs/)
  expect(told.waiting.map(({ task }) => task)).toEqual(["why.never"])
})

test("of many, some are told and the others counted; what is worst comes first", async () => {
  const { app, work } = await start()
  await work([never], { concurrency: 40 })
  const members = [...Array.from({ length: 30 }, (_, at) => never(at)), mail(1)]
  const run = await app.start(group(members))
  await soon(run, /more steps are under way$/)
  await expect.poll(async () => (await run.describe()).more).toBe(11)
  expect((await run.describe()).waiting).toHaveLength(20)
})

test("a cancel that nobody has carried out, an end, and nothing at all are told as such", async () => {
  const { app, work } = await start()
  const run = await app.start(double(1))
  void run.cancel().catch(() => {})
  await soon(run, /^a cancel has been stored/)
  const told = await run.describe()
  expect(told.cancel).toBeInstanceOf(Date)
  expect(told.words).toMatch(
    /^a cancel has been stored for \d+ seconds?, and the first worker that comes carries it out$/
  )
  await work([double])
  expect(await run.cancel()).toBe("Cancelled")
  expect(await run.describe()).toEqual({
    run: run.id,
    status: "Cancelled",
    waiting: [],
    more: 0,
    words: "it has ended: Cancelled"
  })
  const id = run.id.replace(/.$/, (last) => (last === "x" ? "y" : "x"))
  expect(await app.attach(id).describe()).toMatchObject({ status: "unknown", waiting: [] })
  await expect(app.attach("order 7").describe()).rejects.toThrow("is not the id of a run")
})

test("the words of a wait that is over say the same", async () => {
  const { app, work } = await start()
  await work([other])
  const run = await app.start(mail(1))
  await soon(run, /no worker there serves that task/)
  await expect(run.result({ within: "1 second" })).rejects.toThrow(
    /^run app-\S+ did not end within 1 second: why\.mail waits on queue "mail" for \d+ seconds?, and no worker there serves that task \(\S+\): start one that does\. It goes on: attach\("app-\S+", workflow\) waits for it again\.$/
  )
  await expect(app.run(double(1), { within: "1 second" })).rejects.toThrow(
    /: why\.double waits on queue "default" for \d+ seconds?, and no worker takes from that queue: start one/
  )
})

test("a wait that is over does not say that a run goes on of which nothing begins any more", async () => {
  const { app } = await start()
  const late = await app.start(double(1).with({ expires: "100 millis" }))
  await soon(late, /and expired at/)
  const [step] = (await late.describe()).waiting
  expect(step).toMatchObject({ for: "worker", expired: expect.any(Date) })
  await expect(late.result({ within: "1 second" })).rejects.toThrow(
    /: why\.double waits on queue "default" for \d+ seconds?, and expired at \S+: nobody begins it any more, and the first worker of the namespace that is there ends it as Expired\. Nothing more of it begins, and it ends when a worker is there to end it: attach\("app-\S+", workflow\) waits for that\.$/
  )
  const cancelled = await app.start(double(1))
  void cancelled.cancel().catch(() => {})
  await soon(cancelled, /^a cancel has been stored/)
  await expect(cancelled.result({ within: "1 second" })).rejects.toThrow(
    /the first worker that comes carries it out\. Nothing more of it begins, and it ends when a worker is there to end it:/
  )
  const both = await app.start(group([double(1), double(2).with({ expires: "100 millis" })]))
  await expect(both.result({ within: "1 second" })).rejects.toThrow("It goes on: attach(")
})

test("on a server the same is told", async () => {
  const nats = await startNatsServer()
  const connect = () => connectNats({ servers: nats.url, namespace: "why" })
  const broker = await connect()
  const app = await clientOver(broker)
  const worker = await workerOver(await connect(), [never, flaky, other], {
    concurrency: 1,
    grace: "1 milli"
  })
  open.push(
    () => worker.drain(),
    () => app.close(),
    () => broker.close(),
    () => nats.stop()
  )
  const failing = await app.start(flaky(1))
  expect(await soon(failing, /because attempt 1 crashed: RangeError/)).toMatchObject({
    waiting: [{ for: "retry", attempt: 2 }]
  })
  const running = await app.start(never(1))
  const told = await soon(running, /^why\.never runs at worker \S+, for/)
  expect(told.waiting).toMatchObject([{ for: "handler", queue: "default" }])
  const behind = await app.start(never(2))
  expect((await soon(behind, /all slots of/)).waiting).toMatchObject([{ for: "slot" }])
  const strange = await app.start(mail(1))
  await soon(strange, /no worker there serves that task/)
  const nobody = await app.start(double(1).with({ queue: "nobody" }))
  expect((await soon(nobody, /no worker takes from that queue/)).waiting).toMatchObject([
    { for: "worker", queue: "nobody" }
  ])
})

test("who may not ask workers is told what is stored, and is as healthy as before", async () => {
  const nats = await startNatsServer({
    configuration: `authorization { users: [{ user: worker, password: p }, { user: me, password: p, permissions: { publish: { deny: ["_ARPEGGIO.>"] }, subscribe: { deny: ["_ARPEGGIO.>"] } } }] }`
  })
  const connect = (user: string) =>
    connectNats({ servers: nats.url, namespace: "deaf", authentication: { user, pass: "p" } })
  const broker = await connect("me")
  const app = await clientOver(broker)
  const worker = await workerOver(await connect("worker"), [never, other], { grace: "1 milli" })
  open.push(
    () => worker.drain(),
    () => app.close(),
    () => broker.close(),
    () => nats.stop()
  )
  const running = await app.start(never(1))
  await soon(
    running,
    /^why\.never was taken from queue "default" within the last .* does not say it runs/
  )
  await soon(await app.start(mail(1)), /no worker there serves that task: start one that does$/)
  await soon(
    await app.start(double(1).with({ queue: "nobody" })),
    /no worker takes from that queue/
  )
  expect(await app.health()).toMatchObject({ ok: true, problems: [] })
})
