/** Parts of large values are read from whichever server has them: one that lags is not the last word. */
import * as Schema from "effect/Schema"
import { task } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { expect, onTestFinished, test } from "vitest"
import { brokerForTest, clusterForTest } from "./fixture.ts"

const echo = task("echo", { input: [Schema.String], output: Schema.String }, (text) => text)

test("large values go there and back while they are on their way to the other servers", async () => {
  const cluster = await clusterForTest()
  const worker = await workerOver(await brokerForTest(cluster), [echo] as never)
  onTestFinished(() => worker.drain())
  const app = await clientOver(await brokerForTest(cluster))
  onTestFinished(() => app.close())
  const texts = Array.from({ length: 20 }, (_, at) =>
    String.fromCharCode(97 + at).repeat(2_000_000)
  )
  const results = await Promise.all(texts.map((text) => app.run(echo(text))))
  expect(results.map((text, at) => text === texts[at])).toEqual(texts.map(() => true))
  expect((await worker.health()).problems).toEqual([])
}, 120_000)
