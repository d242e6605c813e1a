/** Who waits in vain for a worker is told where workers are: at other queues, in other namespaces, or without the task. */
import * as Schema from "effect/Schema"
import { afterEach, expect, test } from "vitest"
import { task } from "arpeggio"
import { clientOver, memoryServer, workerOver, type Broker } from "arpeggio/testing"
import { connectNats } from "../../src/nats/broker.ts"
import { startNatsServer } from "../nats-server.ts"

const io = { input: [Schema.Finite], output: Schema.Finite } as const
const double = task("where.double", io, (x) => x * 2)
const other = task("where.other", io, (x) => x)
const mailed = task("where.mailed", { ...io, queue: "mail" }, (x) => x)
const open: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const work = async (broker: Broker, tasks: ReadonlyArray<typeof other>): Promise<void> => {
  const worker = await workerOver(broker, tasks)
  open.push(() => worker.drain())
}

/** The first line that somebody is told who waits for `double`. */
const told = async (broker: Broker): Promise<{ readonly line: string; readonly ok: boolean }> => {
  const lines: Array<string> = []
  const app = await clientOver(broker, { print: (line) => lines.push(line) })
  open.push(() => app.close())
  void app.run(double(1)).catch(() => {})
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBeGreaterThan(0)
  return { line: lines[0]!, ok: (await app.health()).ok }
}

const nobody = 'arpeggio: no worker on queue "default" yet'

test("workers of another queue are named", async () => {
  const server = memoryServer()
  await work(server.connect(), [mailed as never])
  const { line } = await told(server.connect())
  expect(line).toContain(nobody)
  expect(line).toMatch(
    /, for example with serve\(\[\.\.\.\]\)\. Workers are seen on queue "mail": compare queue and namespace with theirs$/
  )
})

test("where nobody is anywhere, nothing is added", async () => {
  const { line } = await told(memoryServer().connect())
  expect(line).toMatch(/as soon as one starts, for example with serve\(\[\.\.\.\]\)$/)
})

test("workers that take from the queue and do not do the task are told of", async () => {
  const server = memoryServer()
  await work(server.connect(), [other])
  const { line } = await told(server.connect())
  expect(line).toMatch(
    /^arpeggio: no worker that does where\.double takes from queue "default" \(namespace "memory"\): those that do take from it do not serve that task, or another version of its contract, and put it back; run app-\S+ continues as soon as one starts that serves it$/
  )
})

test("workers of other namespaces are named, on a real server", async () => {
  const server = await startNatsServer()
  open.push(() => server.stop())
  const broker = (namespace: string) => connectNats({ servers: server.url, namespace })
  await work(await broker("acme-web"), [other, mailed as never])
  const idle = await clientOver(await broker("idle"))
  open.push(() => idle.close())
  const { line } = await told(await broker("acme-shop"))
  expect(line).toContain(nobody)
  expect(line).toMatch(
    /\. Workers are seen in namespace "acme-web" on queues "default", "mail": compare queue and namespace with theirs$/
  )
})

test("who may not see them is told the rest, and nothing else comes of it", async () => {
  const denied = '["$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.LIST.>"]'
  const server = await startNatsServer({
    configuration: `authorization { users: [
      { user: all, password: p }
      { user: few, password: p, permissions: { publish: { deny: ${denied} } } }
    ] }`
  })
  open.push(() => server.stop())
  const broker = (user: string, namespace: string) =>
    connectNats({ servers: server.url.replace("://", `://${user}:p@`), namespace })
  await work(await broker("all", "acme-web"), [other])
  await work(await broker("all", "acme-shop"), [mailed as never])
  const { line, ok } = await told(await broker("few", "acme-shop"))
  expect(line).toMatch(/^arpeggio: no worker on queue "default" yet .* serve\(\[\.\.\.\]\)$/)
  expect(ok).toBe(true)
})
