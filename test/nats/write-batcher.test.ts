/** What one turn of the event loop has to say leaves in one piece, in its order. */
import type { NatsConnection } from "@nats-io/transport-node"
import { expect, test } from "vitest"
import { Outbox } from "../../src/nats/write-batcher.ts"

const empty = new Uint8Array()
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const outboxOver = (publish: (subject: string) => void) => {
  const state = { connected: true }
  const connection = {
    publish: (subject: string) => publish(subject)
  } as unknown as NatsConnection
  return { outbox: new Outbox(connection, () => state.connected), state }
}

test("letters of one turn are published together, however many awaits lie between them", async () => {
  const sent: Array<string> = []
  const { outbox } = outboxOver((subject) => sent.push(subject))
  outbox.post("a", empty, {})
  await Promise.resolve()
  outbox.post("b", empty, {})
  expect(sent).toEqual([])
  await turn()
  expect(sent).toEqual(["a", "b"])
})

test("a long turn does not keep everything back until its end", async () => {
  const sent: Array<string> = []
  const { outbox } = outboxOver((subject) => sent.push(subject))
  const subjects = Array.from({ length: 300 }, (_, at) => String(at))
  for (const subject of subjects) outbox.post(subject, empty, {})
  expect(sent).toEqual(subjects.slice(0, 256))
  await turn()
  expect(sent).toEqual(subjects)
})

test("what is refused says so, and what follows is sent all the same", async () => {
  const sent: Array<string> = []
  const refusals: Array<unknown> = []
  const { outbox } = outboxOver((subject) => {
    if (subject === "bad") throw new Error("no such subject")
    sent.push(subject)
  })
  outbox.post("bad", empty, {}, (error) => refusals.push(error))
  outbox.post("good", empty, {})
  await turn()
  expect(sent).toEqual(["good"])
  expect(String(refusals)).toContain("no such subject")
})

test("nothing is sent into a connection that is gone", async () => {
  const sent: Array<string> = []
  const { outbox, state } = outboxOver((subject) => sent.push(subject))
  outbox.post("a", empty, {})
  state.connected = false
  await turn()
  state.connected = true
  outbox.post("b", empty, {})
  await turn()
  expect(sent).toEqual(["b"])
})
