/** What a worker remembers of calls that it has put back: little, however many names they come with. */
import { expect, test } from "vitest"
import { Strangers, type Stranger } from "../../src/worker/strangers.ts"

const second = 1_000
const patience = 3_600 * second

const make = () => {
  const lines: Array<string> = []
  let time = 0
  const broker = { now: () => 1_000_000_000 + time, elapsed: () => time }
  const strangers = new Strangers(broker, (line) => lines.push(line))
  const stranger = (what: string): Stranger => ({
    what,
    queue: "q",
    why: "why",
    afterwards: "later"
  })
  return {
    lines,
    strangers,
    pass: (milliseconds: number) => void (time += milliseconds),
    /** A call that has waited for so long. */
    putBack: (what: string, waited: number, wait = second) =>
      strangers.putBack(stranger(what), { since: broker.now() - waited, wait, patience })
  }
}

test("what has waited for less than 15 s is no news, however often it comes", () => {
  const { lines, strangers, pass, putBack } = make()
  for (let at = 0; at < 100; at += 1) {
    putBack("calls of a", 14 * second)
    pass(second)
  }
  expect(strangers.problems()).toEqual([])
  putBack("calls of a", 15 * second)
  expect(strangers.problems()).toEqual([
    'calls of a wait on queue "q", for 15 seconds, and why; what nobody does within 1 hour (patience) becomes a dead letter, which can be redriven later.'
  ])
  expect(lines).toEqual(strangers.problems())
})

test("it lasts for half a minute longer than the wait, and is told once", () => {
  const { lines, strangers, pass, putBack } = make()
  putBack("calls of a", 20 * second, 5 * second)
  pass(34 * second)
  expect(strangers.problems()).toHaveLength(1)
  pass(second)
  expect(strangers.problems()).toEqual([])
  putBack("calls of a", 60 * second)
  expect(strangers.problems()).toHaveLength(1)
  expect(lines).toHaveLength(1)
})

test("the oldest counts for as long as it comes", () => {
  const { strangers, pass, putBack } = make()
  putBack("calls of a", 600 * second)
  for (let at = 0; at < 4; at += 1) {
    putBack("calls of a", 20 * second)
    expect(strangers.problems().join()).toContain("for 10 minutes")
    pass(7 * second)
  }
  pass(4 * second)
  putBack("calls of a", 20 * second)
  expect(strangers.problems().join()).toContain("for 20 seconds")
})

test("what is given up waits no more, and what came later counts from its own beginning", () => {
  const { strangers, pass, putBack } = make()
  putBack("calls of a", patience - 5 * second, 5 * second)
  putBack("calls of a", 20 * second)
  pass(4 * second)
  expect(strangers.problems().join()).toContain("for 1 hour")
  pass(second)
  expect(strangers.problems()).toEqual([])
  putBack("calls of a", 25 * second)
  expect(strangers.problems().join()).toContain("for 25 seconds")
})

test("any number of names leaves little behind", () => {
  const { lines, strangers, pass, putBack } = make()
  for (let at = 0; at < 3_000; at += 1) putBack(`calls of x${at}`, 20 * second)
  expect(strangers.problems()).toHaveLength(50)
  expect(lines).toHaveLength(1_000)
  pass(60 * second)
  putBack("calls of y", 20 * second)
  expect(strangers.problems()).toHaveLength(1)
})
