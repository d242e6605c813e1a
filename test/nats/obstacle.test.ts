/** What is told of a connection that was lost and does not come about again, although somebody is there. */
import { connect } from "@nats-io/transport-node"
import { expect, onTestFinished, test, vi } from "vitest"
import { connect as connectApp } from "arpeggio"
import { double } from "../facts/place.ts"
import { appears, goes } from "../health/appears.ts"
import { brokerForTest, namespace, serverForTest } from "./fixture.ts"

const users = (password: string): string =>
  `authorization { users: [{ user: me, password: "${password}" }] }`

const right = { authentication: { user: "me", pass: "one" } }

test("a password that was taken away is said by whatever is asked meanwhile", async () => {
  const server = await serverForTest({ configuration: users("one") })
  const options = { namespace, print: () => {}, timeout: "1 second", ...right } as const
  const app = await connectApp({ servers: server.url, ...options })
  onTestFinished(() => app.close())
  await server.reload(users("two"))
  await appears(app, "does not let us in")
  const refused = { message: expect.stringMatching(/does not let us in .* Restore the user/) }
  await expect(app.run(double(1))).rejects.toMatchObject(refused)
  await expect(app.start(double(1))).rejects.toMatchObject(refused)
  const within = app.run(double(1), undefined, { within: "200 millis" })
  await expect(within).rejects.toMatchObject(refused)
  await expect(app.deadLetters.list({ within: "200 millis" })).rejects.toMatchObject(refused)
  await server.restart(users("one"))
  await goes(app, "let us in", 10_000)
}, 30_000)

test("a refusal that comes after the loss was told is told, too", async () => {
  const server = await serverForTest({ configuration: users("one") })
  const lines: Array<string> = []
  const say = (line: string): void => void lines.push(line)
  const broker = await brokerForTest(server, {}, { ...right, say })
  server.kill()
  await vi.waitFor(() => expect(lines.join()).toContain("lost NATS"), 10_000)
  await server.restart(users("two"))
  await vi.waitFor(() => expect(lines.join()).toContain("does not let us in"), 10_000)
  expect(lines).toHaveLength(2)
  await server.restart(users("one"))
  await vi.waitFor(() => expect(lines.at(-1)).toContain("connected"), 10_000)
  expect((await broker.health()).problems).toEqual([])
}, 40_000)

test("a server that takes no more connections", async () => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const say = (line: string): void => void lines.push(line)
  const broker = await brokerForTest(server, {}, { say })
  const port = server.port
  server.kill()
  await vi.waitFor(async () => expect((await broker.health()).ok).toBe(false), 5_000)
  // It is there before the other comes back, whose pauses are longer.
  await server.restart("max_connections: 1")
  let other = await connect({ port, reconnect: false }).catch(() => undefined)
  await vi.waitFor(async () => {
    other ??= await connect({ port, reconnect: false }).catch(() => undefined)
    if (other === undefined) await server.restart("max_connections: 1")
    expect(other).toBeDefined()
  }, 20_000)
  onTestFinished(() => other?.close())
  const said = await appears(broker, "takes no more connections", 20_000)
  expect(said).toMatch(/not connected to NATS .* raise max_connections in its configuration/)
  await vi.waitFor(() => expect(lines.join()).toContain("takes no more connections"), 10_000)
  await other?.close()
  await goes(broker, "not connected", 10_000)
}, 60_000)
