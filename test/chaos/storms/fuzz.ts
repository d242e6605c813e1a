/** Thousands of messages that nobody of ours sends reach a live worker: no handler runs for them, nothing dies, and none vanishes without a trace. */
import { setTimeout as sleep } from "node:timers/promises"
import { chain, group, type Workflow } from "arpeggio"
import { audit } from "../audit.ts"
import { hostile, type Template } from "../hostile.ts"
import { Unreadable, unpackMessage } from "../../../src/encode/codec.ts"
import type { Client, Stage, Storm } from "../stage.ts"
import { member, tail } from "../tasks.ts"
import { between, chordOf, randomJob } from "../workload.ts"

const textOf = (run: number): string => `0fuzz${String(run).padStart(8, "0")}`

/** What the protocol takes as a token; the server refuses the rest, or the client does. */
const isToken = (token: string): boolean =>
  !/[\s.]/.test(token) && !token.includes("\u0000") && token !== ">"

/** Calls, expansions and cancels as a client sends them; and records of other kinds, which have no business on a queue. */
const collect = async (stage: Stage, { app, broker }: Client) => {
  const { namespace } = stage
  const jobs: ReadonlyArray<Workflow<void, unknown>> = [
    member(1),
    chain(member(1), member(), tail(3)),
    group(member(1), member(2)),
    chordOf([1, 2, 3], 1).workflow
  ]
  const runs = await Promise.all(jobs.map((job) => app.start(job)))
  // Nobody is there to cancel them; only the wish is stored.
  for (const run of runs) void run.cancel().catch(() => {})
  while ((await stage.inspector.subjects(`${namespace}.t._._._.>`)).size < runs.length)
    await sleep(20)
  const templates = (await broker.readAll(`${namespace}.t.>`)).map(
    ({ subject, body }): Template => ({ tokens: subject.split(".").slice(2), body })
  )
  await broker.purge(`${namespace}.t.>`)
  const worker = await stage.startWorker()
  const ended = chordOf([1, 2, 3], 1)
  await stage.submitted.submit(app, ended)
  const records = await Promise.all(
    ["r", "i", "g"].map((kind) => broker.readAll(`${namespace}.${kind}.>`))
  )
  return { templates, others: records.flat().map(({ body }) => body), worker }
}

export const fuzz: Storm = {
  name: "fuzz",
  limit: (scale) => 120 + 240 * scale,
  play: async (stage) => {
    const { inspector, namespace, submitted } = stage
    const random = stage.random("messages")
    const client = await stage.connect()
    const { templates, others, worker } = await collect(stage, client)
    const count = stage.scaled(10_000)
    let refused = 0
    const good: Array<Promise<void>> = []
    const sent = new Map<
      string,
      { readonly how: string; readonly subject: string; readonly token: string }
    >()
    for (let at = 0; sent.size < count; at++) {
      const run = textOf(at)
      const { how, tokens, body } = hostile(random, templates, others, run)
      const subject = `${namespace}.t.${tokens.join(".")}`
      const accepted = tokens.every((token) => isToken(token))
      if (accepted) {
        inspector.connection.publish(subject, body)
        sent.set(run, { how, subject, token: tokens[5]! })
      } else refused++
      if (at % 10 === 0) good.push(submitted.submit(client.app, randomJob(random)))
      if (at % 200 === 0) {
        await inspector.connection.flush()
        stage.say(`${sent.size} of ${count}`)
        await sleep(between(random, 0, 50))
      }
    }
    await inspector.connection.flush()
    stage.say("all sent; waiting until each has been dealt with")

    const found = async () => {
      const kinds = await Promise.all(
        ["r", "i", "s", "t"].map((kind) => inspector.subjects(`${namespace}.${kind}.>`))
      )
      const [ended, inner, timers, calls] = kinds.map(
        (subjects) => new Set([...subjects.keys()].map((subject) => subject.split(".")[7]!))
      )
      // A letter names the subject that its message had.
      const letters = await client.broker.readAll(`${namespace}.dl.>`)
      const dead = new Set(
        letters.flatMap(({ body }) => {
          const parcel = unpackMessage(body)
          return parcel instanceof Unreadable || parcel.message.kind !== "dead"
            ? []
            : [parcel.message.subject]
        })
      )
      return { dead, ended: ended!, inner: inner!, timers: timers!, calls: calls! }
    }
    const unaccounted = async (): Promise<ReadonlyArray<string>> => {
      const { dead, ended, inner, timers, calls } = await found()
      return (
        [...sent.values()]
          // What is parked is on its queue for a moment each time; what stays there is found by `queued`.
          .filter(
            ({ subject, token }) =>
              !dead.has(subject) && ![ended, inner, timers, calls].some((set) => set.has(token))
          )
          .map(({ how, subject }) => `${how}: ${subject}`)
      )
    }
    const queued = async (): Promise<ReadonlyArray<string>> => {
      const first = await inspector.subjects(`${namespace}.t.>`)
      await sleep(2_500)
      const second = await inspector.subjects(`${namespace}.t.>`)
      return [...first.keys()].filter((subject) => second.has(subject))
    }
    await Promise.all(good)
    // A call that fails every time is given up at its third delivery: three leases.
    const until = Date.now() + 30_000
    let stuck = await queued()
    while (stuck.length > 0 && Date.now() < until) stuck = await queued()

    const vanished = await unaccounted()
    const { dead, ended, timers } = await found()
    const { figures, missed } = await audit(stage, { killed: new Set(), stops: [], outages: [] })
    const own = new Set(submitted.all.map(({ run }) => run.id))
    const caused = (await stage.ledger()).filter(
      ({ event, run }) => event === "began" && !own.has(run)
    )
    const must = [...missed]
    if (caused.length > 0) {
      const ways = caused.map(({ run }) => sent.get(run.split("-")[2]!)?.how ?? run)
      must.push(
        `${caused.length} handler calls, by ${[...new Set(ways)].join(", ")}: ${JSON.stringify(caused[0])}`
      )
    }
    if (worker.child.exitCode !== null || worker.child.signalCode !== null)
      must.push("the worker died")
    if (vanished.length > 0) {
      must.push(`${vanished.length} without a trace: ${vanished.slice(0, 5).join(" | ")}`)
    }
    if (stuck.length > 0)
      must.push(`${stuck.length} for ever on the queue: ${stuck.slice(0, 5).join(" | ")}`)
    const buried = [...sent.values()].filter(({ subject }) => dead.has(subject)).length
    const has = (set: ReadonlySet<string>): number =>
      [...sent.keys()].filter((run) => set.has(run)).length
    return {
      ...figures,
      kills: 0,
      zombies: 0,
      brokerKills: 0,
      messages: sent.size,
      refusedByProtocol: refused,
      deadLetters: buried,
      endedAsOutcome: has(ended),
      parked: has(timers),
      handlerCalls: caused.length,
      missed: must
    }
  }
}
