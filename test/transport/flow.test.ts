/** What waits for room, over a reconnection. */
import { expect, test } from "vitest"
import { Flow } from "../../src/transport/nats/flow.ts"
import { type Pending, pendingQuestion } from "../../src/transport/nats/question.ts"

let asked = 0

const read = (megabytes: number): Pending =>
  pendingQuestion(
    {
      subject: "read",
      payload: new Uint8Array(),
      headers: undefined,
      writes: false,
      expects: megabytes * 1024 * 1024,
      doing: "reading",
      answer: () => "done",
      fail: () => {}
    },
    String(++asked),
    asked,
    50
  )

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
