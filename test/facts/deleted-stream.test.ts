/** Fact: the server lets anybody delete a stream with the work in it; it is never made again in silence. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { connect } from "@nats-io/transport-node"
import { expect, onTestFinished, test } from "vitest"
import { bundled } from "../bundle.ts"
import { serverForTest } from "../nats/fixture.ts"
import { clientAt, double, stream, workerAt } from "./place.ts"

const deleteStream = async (url: string, name: string): Promise<void> => {
  const operator = await connect({ servers: url })
  await operator.request(`$JS.API.STREAM.DELETE.${name}`, "")
  await operator.close()
}

test("a running worker ends with the reason, and a waiting client gets it", async () => {
  const server = await serverForTest()
  const worker = await workerAt(server)
  const app = await clientAt(server, { leaderless: 500 })
  expect(await app.run(double(1))).toBe(2)
  await worker.drain()
  const waiting = app.run(double(2))
  waiting.catch(() => {})
  const told: Array<string> = []
  const second = await workerAt(server, [], {}, { print: (line) => told.push(line) })
  await deleteStream(server.url, stream)
  const error = await second.ended
  expect(error).toMatchObject({ _tag: "BrokerError", reason: "Gone" })
  expect(String(error)).toContain(stream)
  expect(String(error)).toContain("Find out who deleted it")
  expect(told.at(-1)).toContain(`worker ${second.name} works no more. creating the consumer`)
  const health = await second.health()
  expect(health.ok).toBe(false)
  expect(health.problems.join()).toContain("not created again in silence")
  await expect(app.start(double(3))).rejects.toMatchObject({ reason: "Gone" })
  await expect(waiting).rejects.toMatchObject({ reason: "Gone" })
  expect((await app.health()).problems.join()).toContain(stream)
  // Whoever connects anew begins anew, and says so; the client goes on with that.
  const lines: Array<string> = []
  await workerAt(server, [double], {}, { print: (line) => lines.push(line) })
  expect(lines.join("\n")).toContain("namespace facts (new: created by this start)")
  expect(await app.run(double(4))).toBe(8)
  const after = await app.health()
  expect(after.ok).toBe(true)
  expect(after.notes.join()).toContain("was deleted and made again")
}, 30_000)

test("`serve` rejects with it, so the process exits with an error", async () => {
  const server = await serverForTest()
  const program = fileURLToPath(new URL("../worker/program.ts", import.meta.url))
  const child = spawn(process.execPath, [bundled(program)], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NATS_URL: server.url, ARPEGGIO_NAMESPACE: "facts" }
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
  })
  const lines: Array<string> = []
  const exit = once(child, "exit")
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line))
  await expect.poll(() => lines.join("\n"), { timeout: 15_000 }).toContain("tasks")
  // Its consumers are there when somebody waits on them.
  const app = await clientAt(server)
  await expect.poll(async () => (await app.health()).ok).toBe(true)
  await deleteStream(server.url, stream)
  expect(await exit).toEqual([1, null])
  expect(lines.join("\n")).toContain("Find out who deleted it")
}, 30_000)
