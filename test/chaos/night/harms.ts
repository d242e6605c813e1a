/** The harms of the storm `night`. Each is over when what was taken away is there again; what it left behind may still go on. */
import { setTimeout as sleep } from "node:timers/promises"
import type { App } from "arpeggio"
import type { Random } from "../../../src/testing/memory/random.ts"
import type { Worker } from "../processes.ts"
import type { Stage } from "../stage.ts"
import { between, randomJob, single, slowJob, type Job } from "../workload.ts"
import type { Crew } from "./crew.ts"
import { carelessJob, culpritJob, largeJob, lengthJob } from "./jobs.ts"
import type { Place } from "./place.ts"
import { renamed } from "./renamed.ts"
import { large, unawaited } from "./tasks.ts"
import type { Told } from "./told.ts"

/** What a harm has at hand. */
export interface Night {
  readonly stage: Stage
  readonly random: Random
  readonly place: Place
  readonly crew: Crew
  readonly told: Told
  readonly app: App
  /** Starts a run that the storm waits for at its end. */
  submit(job: Job): void
  /** A target that was missed. */
  miss(words: string): void
}

export interface Harm {
  readonly name: string
  /** What has to be said of it within a minute, when something has to. */
  readonly says?: RegExp
  readonly play: (night: Night) => Promise<void>
}

const megabyte = 1_000_000

const many = (count: number, one: (at: number) => void): void => {
  for (let at = 0; at < count; at++) one(at)
}

/** Values of 5 MB at as many slots as there are, and a client that reads some. */
const largeValues: Harm = {
  name: "large",
  play: async ({ place, stage, app, submit, miss }) => {
    const before = await place.slowConsumers()
    many(40, () => submit(lengthJob("large", 5 * megabyte)))
    many(10, () => submit(largeJob("large", 5 * megabyte)))
    const read = async (): Promise<void> => {
      const read = await app.run(large(5 * megabyte)).then(({ length }) => length, String)
      if (read !== 5 * megabyte) miss(`a result of 5 MB was read as ${read}`)
    }
    await Promise.all(Array.from({ length: 10 }, read))
    await stage.submitted.ended("large")
    const cut = (await place.slowConsumers()) - before
    if (cut > 0) miss(`the server cut ${cut} connections that had asked for more than they read`)
  }
}

/** For how long an account is full at least, and how long it may take to fill it on a slow machine, in milliseconds. */
const fullFor = 5_000
const longestFilling = 40_000

/** The account is at its limit, with calls that wait and handlers that run, and then has room again. */
const full: Harm = {
  name: "full",
  says: /no room|full|new runs are refused/i,
  play: async ({ place, stage, crew, random, app, submit, miss }) => {
    many(20, () => submit(slowJob(between(random, 500, 4_000))))
    await place.limit({ file: (await place.stored()) + 20 * megabyte })
    const from = Date.now()
    const until = from + between(random, 10_000, 14_000)
    let refusedAt = Infinity
    // Long enough for somebody to say so, also where filling takes its time.
    const goesOn = (): boolean =>
      Date.now() < until ||
      (Date.now() < refusedAt + fullFor && Date.now() < until + longestFilling)
    const fill = async (): Promise<number> => {
      let refused = 0
      // What is too large for what is left may leave room for something small.
      for (let letters = 100_000, accepted = 0; goesOn(); accepted++) {
        const job = lengthJob("full", letters, 3_000)
        const run = await app.start(job.workflow).catch((cause: unknown) => {
          if ((cause as { reason?: unknown }).reason !== "Full")
            miss(`a start was refused by a full account: ${String(cause)}`)
        })
        if (run !== undefined) void stage.submitted.watch(run, job)
        else {
          refused += 1
          refusedAt = Math.min(refusedAt, Date.now())
          letters = letters > 10 ? letters / 10 : 100_000
        }
        // No more than the workers can catch up with.
        if (run === undefined || accepted > 300) await sleep(100)
      }
      return refused
    }
    if ((await fill()) === 0) miss("the account was never full")
    // An operator may lower it below what is stored.
    if (random() < 0.5) {
      await place.limit({ file: Math.floor((await place.stored()) / 2) })
      await sleep(between(random, 5_000, 9_000))
    }
    await place.limit({})
    const away = { from, to: Date.now() }
    crew.outages.push(away)
    crew.full.push(away)
    many(10, (at) => submit(single(at)))
  }
}

/** Connections are closed by the server, or it stops for longer than pings wait. */
const cut: Harm = {
  name: "cut",
  play: async ({ place, stage, crew, random, submit, miss }) => {
    many(10, () => submit(slowJob(between(random, 500, 4_000))))
    const from = Date.now()
    for (let round = 0; round < 4; round++) {
      if ((await place.kick()) === 0) miss("there was no connection to cut")
      await sleep(between(random, 100, 1_500))
    }
    stage.say("every connection was cut four times")
    crew.outages.push({ from, to: Date.now() })
  }
}

const silentServer: Harm = {
  name: "silent",
  says: /not connected|does not answer|lost NATS/,
  play: async ({ stage, crew, random, submit }) => {
    const { pid } = stage.server
    many(20, () => submit(slowJob(between(random, 1_000, 4_000))))
    await sleep(800)
    const from = Date.now()
    process.kill(pid, "SIGSTOP")
    await sleep(between(random, 9_000, 13_000))
    process.kill(pid, "SIGCONT")
    crew.outages.push({ from, to: Date.now() })
  }
}

/** Two workers whose loggers throw, which are told to stop in the end. */
const logger: Harm = {
  name: "logger",
  play: async ({ crew, random, submit }) => {
    const deaf = crew.some(2)
    for (const { child } of deaf) child.kill("SIGUSR2")
    for (let round = 0; round < 5; round++) {
      many(20, (at) => submit(single(at)))
      many(4, () => submit(slowJob(between(random, 500, 3_000))))
      await sleep(1_000)
    }
    await Promise.all(deaf.map((worker) => crew.stop(worker, "while its logger threw")))
  }
}

/** Busy workers are told to stop while the broker is away. */
const drain: Harm = {
  name: "drain",
  says: /lost NATS|not connected/,
  play: async ({ stage, crew, random, submit }) => {
    const leaving: ReadonlyArray<Worker> = crew.some(2)
    many(30, () => submit(slowJob(between(random, 3_000, 6_000))))
    await sleep(1_000)
    const from = Date.now()
    stage.server.kill()
    await sleep(between(random, 200, 3_000))
    await Promise.all(leaving.map((worker) => crew.stop(worker, "while the broker was away")))
    await stage.server.restart()
    crew.outages.push({ from, to: Date.now() })
  }
}

/** Handlers that kill their worker by a rejection that nobody awaits. */
const rejection: Harm = {
  name: "rejection",
  says: new RegExp(
    `night\\.(careless|culprit).*${unawaited}|${unawaited}.*night\\.(careless|culprit)`
  ),
  play: async ({ submit, random }) => {
    many(10, () => submit(slowJob(between(random, 500, 4_000))))
    many(2, (at) => submit(carelessJob(at)))
    submit(culpritJob(1))
    await sleep(5_000)
  }
}

/** The server takes smaller messages than it did when everybody connected. */
const payload: Harm = {
  name: "payload",
  play: async ({ place, crew, submit }) => {
    const from = Date.now()
    many(10, () => submit(largeJob("payload", 300_000)))
    await place.limit({ payload: 128 * 1024 })
    for (let round = 0; round < 4; round++) {
      many(5, () => submit(largeJob("payload", 300_000)))
      many(5, () => submit(lengthJob("payload", 300_000)))
      await sleep(2_000)
    }
    await place.limit({})
    crew.outages.push({ from, to: Date.now() })
    many(5, () => submit(largeJob("payload", 300_000)))
  }
}

/** Clients that start runs and go, in the middle of waiting and of reading. */
const hangUp: Harm = {
  name: "hang-up",
  play: async ({ stage, told, random, app }) => {
    for (let round = 0; round < 4; round++) {
      const leaving = await told.connect()
      const jobs = [
        ...Array.from({ length: 8 }, () => randomJob(random)),
        largeJob("large", 5 * megabyte),
        slowJob(between(random, 500, 3_000))
      ]
      const started = await Promise.allSettled(jobs.map((job) => leaving.start(job.workflow)))
      const waiting = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
      for (const run of waiting) run.result().catch(() => {})
      void leaving.run(large(5 * megabyte)).catch(() => {})
      await sleep(between(random, 0, 300))
      await leaving.close()
      for (const [at, one] of started.entries()) {
        const job = jobs[at]!
        if (one.status === "fulfilled")
          void stage.submitted.watch(app.attach(one.value.id, job.workflow), job)
      }
    }
  }
}

export const harms: ReadonlyArray<Harm> = [
  largeValues,
  renamed,
  full,
  cut,
  silentServer,
  logger,
  drain,
  rejection,
  payload,
  hangUp
]
