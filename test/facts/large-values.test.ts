/** Large values times slots: the server keeps the connection, and what is small does not wait for what is large. */
import * as Schema from "effect/Schema"
import { task } from "arpeggio"
import { expect, onTestFinished, test } from "vitest"
import { startNatsServer, type NatsServer } from "../nats-server.ts"
import { clientAt, double, took, workerAt } from "./place.ts"

const megabytes = (count: number, letter = "x"): string => letter.repeat(count * 1024 * 1024)

const serverForTest = async (configuration: string): Promise<NatsServer> => {
  const server = await startNatsServer({ configuration })
  onTestFinished(() => server.stop())
  return server
}

const length = task(
  "length",
  { input: [Schema.String], output: Schema.Finite },
  (text) => text.length
)

const repeat = task(
  "repeat",
  { input: [Schema.Finite, Schema.String], output: Schema.String },
  (count, letter) => megabytes(count, letter)
)

test("many slots whose inputs are large: no cut, and all is done before any lease ends", async () => {
  const server = await serverForTest("max_pending: 48MB")
  const app = await clientAt(server)
  const text = megabytes(5)
  const runs = await Promise.all(Array.from({ length: 40 }, () => app.start(length(text))))
  const lines: Array<string> = []
  const worker = await workerAt(server, [length], {}, { print: (line) => lines.push(line) })
  const time = await took(() => Promise.all(runs.map((run) => run.result())))
  expect(time).toBeLessThan(20_000)
  expect(lines.filter((line) => /ended the connection|lost NATS/.test(line))).toEqual([])
  expect((await worker.health()).problems).toEqual([])
}, 90_000)

test("a client reads many large results at once", async () => {
  const server = await serverForTest("max_pending: 48MB")
  await workerAt(server, [repeat])
  const app = await clientAt(server)
  const runs = await Promise.all(
    Array.from({ length: 60 }, (_, at) => app.start(repeat(2, at % 2 === 0 ? "a" : "ü")))
  )
  const results = await Promise.all(runs.map((run) => run.result()))
  expect(new Set(results)).toEqual(new Set([megabytes(2, "a"), megabytes(2, "ü")]))
  expect((await app.health()).problems).toEqual([])
}, 90_000)

test("small calls beside one of 60 MB", async () => {
  const server = await serverForTest("max_pending: 48MB")
  await workerAt(server, [length, double])
  const app = await clientAt(server)
  const state = { over: false }
  const large = app.run(length(megabytes(60))).finally(() => {
    state.over = true
  })
  const times: Array<number> = []
  // One after the other, until the large one is done.
  while (!state.over) times.push(await took(() => app.run(double(times.length))))
  expect(await large).toBe(60 * 1024 * 1024)
  expect(Math.max(...times)).toBeLessThan(15_000)
}, 90_000)

test("a server that allows much less cuts a few times, and less is asked for from then on", async () => {
  const server = await serverForTest("max_pending: 2MB")
  const app = await clientAt(server)
  const text = megabytes(2)
  const runs = await Promise.all(Array.from({ length: 20 }, () => app.start(length(text))))
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  await workerAt(server, [length], { lease: 2_000 }, { print })
  await Promise.all(runs.map((run) => run.result()))
  // From 40 MB to less than two in at most five halves.
  const cuts = lines.filter((line) => line.includes("ended the connection without a word"))
  expect(cuts.length).toBeLessThanOrEqual(6)
}, 90_000)
