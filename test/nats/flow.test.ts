/** What waits for room, over a reconnection, and beside what was given up. */
import type { Msg } from "@nats-io/transport-node"
import { expect, test } from "vitest"
import { Flow } from "../../src/nats/flow.ts"
import type { Link } from "../../src/nats/connection.ts"
import { Multiplexer } from "../../src/nats/requests.ts"
import { type Pending, pendingQuestion, type Question } from "../../src/nats/request.ts"
import { usualTiming } from "../../src/nats/timing.ts"

let asked = 0

const megabyte = 1024 * 1024

const question = (megabytes: number, more: Partial<Question> = {}): Question => ({
  subject: "read",
  payload: new Uint8Array(),
  headers: undefined,
  writes: false,
  expects: megabytes * megabyte,
  doing: "reading",
  answer: () => "done",
  fail: () => {},
  ...more
})

const read = (megabytes: number, more: Partial<Question> = {}): Pending => ({
  ...pendingQuestion(question(megabytes, more), 50),
  token: String(++asked)
})

const message = {} as Msg

test("a new connection asks once for each: nothing is sent while the places are cleared", () => {
  const flow = new Flow()
  const sent: Array<Pending> = []
  flow.send = (pending) => void sent.push(pending)
  const first = read(16)
  const [large, small] = [read(12), read(4)]
  expect([first, large, small].map((each) => flow.admits(each))).toEqual([true, false, false])
  // Beside what is under way the small one has room, and waits only behind the large one.
  flow.restart([first, large, small])
  expect(sent).toEqual([])
  expect(flow.asked).toBe(0)
  expect([small, first, large].map((each) => flow.admits(each))).toEqual([true, true, false])
})

test("an answer that nobody waits for any more takes its room until it is here", () => {
  const flow = new Flow()
  const sent: Array<Pending> = []
  flow.send = (pending) => void sent.push(pending)
  let left = 2
  const impatient = read(16, { answer: () => (--left > 0 ? "more" : "done") })
  const [next, last] = [read(12), read(20)]
  flow.admits(impatient)
  flow.abandon(impatient)
  flow.leave(impatient)
  expect(flow.asked).toBe(16 * megabyte)
  expect(flow.admits(next)).toBe(false)
  flow.heard(impatient.token, message)
  expect(sent).toEqual([])
  flow.heard(impatient.token, message)
  expect(sent).toEqual([next])
  expect(flow.asked).toBe(12 * megabyte)
  // A new connection owes nothing; nor does what was never sent.
  flow.abandon(next)
  flow.leave(next)
  flow.admits(last)
  flow.abandon(last)
  flow.leave(last)
  flow.restart([])
  expect(flow.asked).toBe(0)
})

test("whoever gives up a read, and asks again and again, asks for no more than anybody", () => {
  const posted: Array<string> = []
  const link = {
    inbox: "_INBOX.x",
    connected: () => true,
    presence: {},
    subscribe: () => ({}),
    onReconnect: () => ({}),
    onRefused: () => {},
    ended: new Promise(() => {}),
    outbox: { post: (subject: string) => posted.push(subject) }
  } as unknown as Link
  const flow = new Flow()
  const multiplexer = new Multiplexer(link, usualTiming, flow)
  for (let at = 0; at < 10; at++) {
    const impatient = new AbortController()
    multiplexer.ask(question(10, { signal: impatient.signal }))
    impatient.abort()
  }
  expect(posted).toHaveLength(2)
  expect(flow.asked).toBe(20 * megabyte)
})
