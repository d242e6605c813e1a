/** Connections that the server ends on purpose: it says why, or does not, and health names what is known for a while. */
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { brokerForTest, record, serverForTest } from "../nats/fixture.ts"
import { appears, goes } from "./appears.ts"

const kilobytes = (count: number): Uint8Array => new Uint8Array(count * 1024).fill(97)

const blockFor = (milliseconds: number): void => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test("the server has ended the connection without a word", async () => {
  const server = await serverForTest({ configuration: "max_pending: 1MB" })
  const writer = await brokerForTest(server)
  const lines: Array<string> = []
  const broker = await brokerForTest(server, { calm: 1_500 }, { say: (line) => lines.push(line) })
  const subjects = Array.from({ length: 40 }, (_, at) => record("run1", at))
  for (const subject of subjects) await writer.publish({ subject, body: kilobytes(250) })
  const reads = subjects.map((subject) => broker.read(subject))
  // Sent, and not read for a while.
  setImmediate(() => setImmediate(() => blockFor(500)))
  const sentence = await appears(broker, "ended the connection without a word")
  expect(sentence).toMatch(/up to \d+\.\d MB were asked for/)
  expect(sentence).toContain("raise max_pending")
  expect(lines.join("\n")).toContain("arpeggio: the server has ended the connection without a word")
  const found = await Promise.all(reads)
  expect(found.map((stored) => stored?.body.length)).toEqual(subjects.map(() => 250 * 1024))
  await goes(broker, "without a word", 10_000)
  expect((await broker.health()).ok).toBe(true)
}, 30_000)

test("a message was larger than the server takes", async () => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const broker = await brokerForTest(server, { calm: 1_000 }, { say: (line) => lines.push(line) })
  await server.reload("max_payload: 64KB")
  const subject = record("run1")
  const publication = { subject, unless: subject, body: kilobytes(200) }
  await expect(broker.publish(publication)).rejects.toMatchObject({ reason: "TooLarge" })
  expect(broker.facts.maxBytes).toBeLessThan(64 * 1024)
  const sentence = await appears(broker, "a message that is larger than it takes")
  expect(sentence).toContain("max_payload, now 65536 bytes")
  expect(lines.join("\n")).toContain("max_payload")
  await goes(broker, "a message that is larger")
  expect(await broker.read(subject)).toBeUndefined()
}, 30_000)

/** Says something to its client in the server's place, and hangs up. */
const gossip = async (
  port: number
): Promise<{ readonly url: string; say(words: string): void }> => {
  const clients = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1")
    clients.add(client)
    client.pipe(server).on("error", () => client.destroy())
    server.pipe(client).on("error", () => server.destroy())
    client.on("close", () => clients.delete(client))
  })
  proxy.listen(0, "127.0.0.1")
  await once(proxy, "listening")
  onTestFinished(() => {
    for (const client of clients) client.destroy()
    proxy.close()
  })
  return {
    url: `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    say: (words) => {
      for (const client of clients) client.end(`-ERR '${words}'\r\n`)
    }
  }
}

test("the server has ended the connection with words of its own", async () => {
  const server = await serverForTest()
  const between = await gossip(server.port)
  const broker = await brokerForTest(between, { calm: 1_000 })
  between.say("Stale Connection")
  await appears(broker, 'ended the connection with the words "Stale Connection"')
  await goes(broker, "with the words")
}, 30_000)

test("the server has not answered for seconds while much was asked for", async () => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const say = (line: string): void => void lines.push(line)
  const broker = await brokerForTest(server, { calm: 6_000 }, { say })
  const subjects = Array.from({ length: 12 }, (_, at) => record("run1", at))
  for (const subject of subjects) await broker.publish({ subject, body: kilobytes(250) })
  process.kill(server.pid, "SIGSTOP")
  const reads = subjects.map((subject) => broker.read(subject))
  await expect
    .poll(async () => (await broker.health()).connection.connected, { timeout: 20_000 })
    .toBe(false)
  process.kill(server.pid, "SIGCONT")
  const sentence = await appears(broker, "has not answered for seconds")
  expect(sentence).toContain("the network takes so long")
  // Once is no proof, and nothing is changed for it.
  expect(sentence).not.toContain("From now on")
  expect((await Promise.all(reads)).every((stored) => stored !== undefined)).toBe(true)
  await goes(broker, "has not answered for seconds", 20_000)
  // The connection that has taken the place of the silent one is left in peace.
  expect(lines.filter((line) => /ended the connection|was ended/.test(line))).toEqual([])
}, 60_000)
