/** A client dies right after `start`; another process attaches and gets the result. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { clientOver, workerOver } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer, type NatsServer } from "../nats-server.ts"
import { slow } from "../worker/program.ts"

let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
})
afterAll(() => server?.stop())

test("the run outlives the process that started it", async () => {
  const namespace = "killed"
  const program = fileURLToPath(new URL("./killed.ts", import.meta.url))
  const client = spawn(process.execPath, ["--import", "tsx", program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NATS_URL: server.url, ARPEGGIO_NAMESPACE: namespace }
  })
  const [line] = (await once(client.stdout, "data")) as [Buffer]
  const gone = once(client, "exit")
  client.kill("SIGKILL")
  await gone

  const connect = () => connectNats({ servers: server.url, namespace })
  await using app = await clientOver(await connect())
  const attached = app.attach(line.toString().trim(), slow(1))
  expect(await attached.status()).toBe("pending")
  await using _worker = await workerOver(await connect(), [slow])
  expect(await attached.result()).toBe(`pid ${process.pid}`)
})
