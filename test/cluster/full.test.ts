/** A small account on three servers: each hears of what the others store a second or two later. */
import * as Schema from "effect/Schema"
import { expect, onTestFinished, test } from "vitest"
import { type BrokerError, task } from "arpeggio"
import { clientOver, workerOver } from "arpeggio/testing"
import { brokerForTest, clusterForTest } from "./fixture.ts"

const account = `accounts {
  SYS: { users: [{ user: s, password: s }] }
  A: { jetstream { max_mem: 10MB, max_file: 30MB }, users: [{ user: u, password: p }] }
}
system_account: SYS
no_auth_user: u`

test("it is not filled beyond what is kept for outcomes, and all that was accepted ends", async () => {
  const cluster = await clusterForTest(undefined, account)
  const size = task(
    "size",
    { input: [Schema.String], output: Schema.Finite },
    (text) => text.length
  )
  const app = await clientOver(await brokerForTest(cluster))
  onTestFinished(() => app.close())
  const runs: Array<{ result(options: { within: "30 seconds" }): Promise<number> }> = []
  const refused = await (async (): Promise<BrokerError> => {
    for (;;) {
      try {
        runs.push(await app.start(size("y".repeat(100_000))))
      } catch (error) {
        return error as BrokerError
      }
    }
  })()
  expect(refused).toMatchObject({ reason: "Full" })
  const { room } = await app.health()
  expect(room!.left).toBeGreaterThan(room!.kept / 2)
  const worker = await workerOver(await brokerForTest(cluster), [size])
  onTestFinished(() => worker.drain())
  const sizes = await Promise.all(runs.map((run) => run.result({ within: "30 seconds" })))
  expect(sizes).toEqual(runs.map(() => 100_000))
})
