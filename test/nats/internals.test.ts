/** What the client library keeps to itself and is used all the same: an upgrade that moves it fails here, and not in an outage. */
import { connect } from "@nats-io/transport-node"
import { expect, onTestFinished, test } from "vitest"
import { cut, endReading, forgetAttempts, writeNow } from "../../src/nats/internals.ts"
import { serverForTest } from "./fixture.ts"

const connected = async () => {
  const server = await serverForTest()
  const connection = await connect({ servers: server.url, reconnectTimeWait: 50 })
  onTestFinished(() => connection.close())
  return connection
}

interface Statuses {
  readonly seen: Array<string>
}

const watched = (connection: Awaited<ReturnType<typeof connected>>): Statuses => {
  const seen: Array<string> = []
  void (async () => {
    for await (const { type } of connection.status()) seen.push(type)
  })()
  return { seen }
}

test("a connection is cut at its socket, and made again", async () => {
  const connection = await connected()
  const { seen } = watched(connection)
  cut(connection)
  await expect.poll(() => seen).toEqual(expect.arrayContaining(["disconnect", "reconnect"]))
})

test("what has been gathered is written at once", async () => {
  const connection = await connected()
  const { protocol } = connection as unknown as {
    readonly protocol: { readonly transport: { readonly socket: { bytesWritten: number } } }
  }
  const before = protocol.transport.socket.bytesWritten
  connection.publish("somewhere", "twelve bytes")
  writeNow(connection)
  expect(protocol.transport.socket.bytesWritten).toBeGreaterThan(before)
})

test("the last attempts at each server are forgotten", async () => {
  const connection = await connected()
  const { protocol } = connection as unknown as {
    readonly protocol: { readonly servers: { readonly servers: Array<{ lastConnect: number }> } }
  }
  const { servers } = protocol.servers
  expect(servers.length).toBeGreaterThan(0)
  for (const server of servers) server.lastConnect = 1
  forgetAttempts(connection)
  expect(servers.map(({ lastConnect }) => lastConnect)).toEqual(servers.map(() => 0))
})

test("the loop that reads from a connection can be ended", async () => {
  const connection = await connected()
  const { protocol } = connection as unknown as {
    readonly protocol: { readonly transport: { readonly signal: PromiseLike<void> } }
  }
  // Held before the connection is closed, which gives up the transport.
  const { signal } = protocol.transport
  await connection.close()
  let ended = false
  void signal.then(() => (ended = true))
  endReading(connection)
  await expect.poll(() => ended).toBe(true)
})
