/** The connection: away, refused, closed; and a server that is there and says nothing. */
import { expect, onTestFinished, test } from "vitest"
import { connectNats } from "../../src/nats/broker.ts"
import { clientAt, double, namespace, tookHere, workerAt } from "../facts/place.ts"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { appears, goes } from "./appears.ts"

test("not connected to NATS", async () => {
  const server = await serverForTest()
  const worker = await workerAt(server)
  const app = await clientAt(server)
  server.kill()
  for (const asked of [worker, app]) {
    const sentence = await appears(asked, /not connected to NATS at .* for \d+\.\d s/)
    expect(sentence).toContain(`127.0.0.1:${server.port}`)
    expect(sentence).toContain("Is the server running")
    const { connection } = await asked.health()
    expect(connection).toMatchObject({ connected: false })
    expect(connection.disconnectedFor).toBeGreaterThan(0)
  }
  await server.restart()
  await goes(worker, "not connected")
  await goes(app, "not connected")
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
})

const users = (password: string): string =>
  `authorization { users: [{ user: me, password: "${password}" }] }`

test("the server does not let us in", async () => {
  const server = await serverForTest({ configuration: users("one") })
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  const authentication = { authentication: { user: "me", pass: "one" } }
  const worker = await workerAt(server, [double], {}, { ...authentication, print })
  const app = await clientAt(server, {}, authentication)
  expect(await app.run(double(1))).toBe(2)
  let returns = 0
  const watcher = await connectNats({ servers: server.url, namespace, ...authentication })
  onTestFinished(() => watcher.close())
  watcher.onReconnect(() => {
    returns += 1
  })
  await server.reload(users("two"))
  await expect.poll(() => lines.join("\n"), { timeout: 10_000 }).toContain("does not let us in")
  // Many refusals: after two in a row the library would give up.
  const until = Date.now() + 3_000
  await expect.poll(() => Date.now() > until, { timeout: 5_000 }).toBe(true)
  const sentence = await appears(worker, /does not let us in \("Authorization Violation"\)/)
  expect(sentence).toContain("Restore the user, password, token or credentials")
  await appears(app, "does not let us in")
  const waiting = app.run(double(2))
  await server.reload(users("one"))
  expect(await tookHere(async () => expect(await waiting).toBe(4))).toBeLessThan(5_000)
  await goes(worker, "let us in")
  await expect.poll(async () => (await watcher.health()).ok).toBe(true)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
  expect(returns).toBe(1)
  expect(lines.filter((line) => line.includes("does not let us in"))).toHaveLength(1)
}, 40_000)

test("the connection was closed by this process", async () => {
  const server = await serverForTest()
  const app = await clientAt(server)
  await goes(app, "closed")
  await app.close()
  await appears(app, "the connection was closed by this process: open another")
  await goes(await clientAt(server), "closed")
})

test("JetStream does not answer", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server)
  const { pid } = server
  process.kill(pid, "SIGSTOP")
  onTestFinished(() => {
    process.kill(pid, "SIGCONT")
  })
  // A process that is told to stop may still answer what it has read.
  await appears(broker, "JetStream does not answer, although the connection stands")
  const answered = await tookHere(async () => {
    expect(await broker.health()).toMatchObject({ ok: false, connection: { connected: true } })
  })
  expect(answered).toBeLessThan(2_000)
  process.kill(pid, "SIGCONT")
  await goes(broker, "does not answer")
}, 20_000)

const accounts = (jetstream: "enabled" | "disabled"): string =>
  `accounts { A { jetstream: ${jetstream}, users: [{ user: me, password: p }] } }`

test("JetStream is not enabled for this account", async () => {
  const server = await serverForTest({ configuration: accounts("enabled") })
  const authentication = { authentication: { user: "me", pass: "p" } }
  const broker = await brokerForTest(server, {}, authentication)
  await server.reload(accounts("disabled"))
  const sentence = await appears(broker, /JetStream not enabled for account/)
  expect(sentence).toContain("Enable JetStream for this account")
  await server.reload(accounts("enabled"))
  await goes(broker, "not enabled")
}, 20_000)
