/** Which servers and streams are taken, and what is said of the others. */
import { existsSync } from "node:fs"
import { connect } from "@nats-io/transport-node"
import { expect, test } from "vitest"
import { connectNats } from "../../src/nats/broker.ts"
import { brokerForTest, namespace, serverForTest } from "./fixture.ts"

const oldBinary = process.env["NATS_OLD_SERVER_BIN"] ?? "/usr/sbin/nats-server"

const refusal = async (servers: string, more: object = {}): Promise<unknown> =>
  connectNats({ servers, namespace, ...more }).then(
    () => "connected",
    (error: unknown) => error
  )

test("tells what it found", async () => {
  const server = await serverForTest()
  const { facts } = await brokerForTest(server)
  expect(facts).toMatchObject({ kind: "nats", namespace, replicas: 1, sync: "unknown" })
  expect(facts.server).toBe(`127.0.0.1:${server.port}`)
  expect(facts.version).toMatch(/^2\./)
  expect(facts.maxBytes).toBeGreaterThan(1_000_000)
})

test.skipIf(!existsSync(oldBinary))(
  "refuses a server that is too old (needs NATS_OLD_SERVER_BIN or /usr/sbin/nats-server)",
  async () => {
    const server = await serverForTest({ binary: oldBinary })
    expect(await refusal(server.url)).toMatchObject({
      reason: "TooOld",
      message: expect.stringMatching(
        /found nats-server 2\.\d+\.\d+ at .*needs nats-server 2\.14\.0 or newer/
      )
    })
  }
)

test("refuses a server without JetStream", async () => {
  const server = await serverForTest({ jetstream: false })
  expect(await refusal(server.url)).toMatchObject({
    reason: "NoJetStream",
    message: expect.stringContaining("nats-server -js")
  })
})

test("says where nothing listens, without the password in the address", async () => {
  const server = await serverForTest()
  await server.stop()
  const error = await refusal(`nats://me:secret@127.0.0.1:${server.port}`)
  expect(error).toMatchObject({
    reason: "Unreachable",
    message: expect.stringContaining(`127.0.0.1:${server.port}`)
  })
  expect(String(error)).not.toContain("secret")
})

test("is refused with a wrong password and let in with the right one, also inside the address", async () => {
  const server = await serverForTest({
    configuration: 'authorization { user: me, password: "right" }'
  })
  const wrong = { authentication: { user: "me", pass: "wrong" } }
  expect(await refusal(server.url, wrong)).toMatchObject({ reason: "Refused" })
  await brokerForTest(server, {}, { authentication: { user: "me", pass: "right" } })
  await brokerForTest({ url: `nats://me:right@127.0.0.1:${server.port}` })
})

test("says at once which subject the user may not publish to", async () => {
  const server = await serverForTest({
    configuration: `authorization { users: [{ user: me, password: p, permissions: { publish: { deny: "${namespace}.i.>" } } }] }`
  })
  const broker = await brokerForTest({ url: `nats://me:p@127.0.0.1:${server.port}` })
  const subject = `${namespace}.i._._._.app.i1.run1.1._`
  await expect(broker.publish({ subject, body: new Uint8Array() })).rejects.toMatchObject({
    reason: "Refused",
    message: expect.stringContaining(subject)
  })
})

test("many processes may create the stream at once", async () => {
  const server = await serverForTest()
  const brokers = await Promise.all([1, 2, 3, 4].map(() => brokerForTest(server)))
  expect(brokers.map((broker) => broker.facts.replicas)).toEqual([1, 1, 1, 1])
})

test("names what is wrong with a stream of somebody else's, and leaves it as it is", async () => {
  const server = await serverForTest()
  const other = await connect({ servers: server.url })
  const api = async (verb: string, body: object): Promise<{ config: object }> =>
    (await other.request(`$JS.API.${verb}`, JSON.stringify(body))).json()
  const config = { name: "arpeggio-shop", subjects: ["shop.*.*.*.*.*.*.*.*.*"], max_msgs: 5 }
  const before = await api("STREAM.CREATE.arpeggio-shop", config)
  const error = await refusal(server.url)
  expect(error).toMatchObject({ reason: "Misconfigured" })
  for (const field of ["retention", "allow_msg_schedules", "max_msgs", "republish"]) {
    expect(String(error)).toContain(field)
  }
  expect(String(error)).not.toContain("storage is")
  expect((await api("STREAM.INFO.arpeggio-shop", {})).config).toEqual(before.config)
  await other.close()
})

test("asks one server for three replicas in vain", async () => {
  const server = await serverForTest()
  const error = await refusal(server.url, { replicas: 3 })
  expect(error).toMatchObject({ reason: "Misconfigured" })
  expect(String(error)).toContain("leave out `replicas`")
  await brokerForTest(server)
  expect(String(await refusal(server.url, { replicas: 3 }))).toContain("replicas")
})
