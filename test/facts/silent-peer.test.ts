/** Fact: the library's ping settings take minutes to notice a peer that says nothing. */
import { expect, onTestFinished, test } from "vitest"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, double, tookHere, workerAt } from "./place.ts"

test("a server that stops answering is noticed after two or three pings, one every three seconds", async () => {
  const server = await serverForTest()
  const worker = await workerAt(server)
  const app = await clientAt(server)
  expect(await app.run(double(1))).toBe(2)
  const { pid } = server
  process.kill(pid, "SIGSTOP")
  onTestFinished(() => {
    process.kill(pid, "SIGCONT")
  })
  const noticed = await tookHere(() =>
    expect
      .poll(async () => (await worker.health()).connection.connected, { timeout: 25_000 })
      .toBe(false)
  )
  expect(noticed).toBeLessThan(12_000)
  // Until then it says that nobody answers, within two seconds.
  process.kill(pid, "SIGCONT")
  // A call that comes before the server has noticed that the old connection is gone may be handed to that: it waits for its lease.
  await expect.poll(async () => (await worker.health()).ok, { timeout: 5_000 }).toBe(true)
  expect(await tookHere(() => app.run(double(2)))).toBeLessThan(5_000)
}, 60_000)
