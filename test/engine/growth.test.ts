/** Who may grow while there is little room: what has begun, one after another, and whatever happens somebody at last. */
import { expect, test } from "vitest"
import type { Broker } from "../../src/broker/broker.ts"
import { Growth, NotNow, type Grows } from "../../src/engine/room/growth.ts"

/** An account of 100,000 bytes of which 10,000 are kept, with a clock that the test moves. */
const account = (left: number) => {
  const place = { left, now: 0 }
  let due: Array<{ readonly at: number; readonly callback: () => void }> = []
  const stored = new Set<string>()
  const broker: Pick<Broker, "spare" | "after" | "elapsed" | "facts" | "publish" | "purge"> = {
    facts: { namespace: "shop" } as Broker["facts"],
    spare: () => {
      const { left: all } = place
      return { run: all - 10_000, member: all - 2_500, waited: all - 1_250, all }
    },
    elapsed: () => place.now,
    after: (milliseconds, callback) => {
      const timer = { at: place.now + milliseconds, callback }
      due.push(timer)
      return () => void (due = due.filter((other) => other !== timer))
    },
    publish: ({ subject }) => {
      if (stored.has(subject)) return Promise.resolve({ stored: false })
      stored.add(subject)
      return Promise.resolve({ stored: true, duplicate: false })
    },
    purge: (subject) => Promise.resolve(void stored.delete(subject))
  }
  const pass = async (milliseconds: number): Promise<void> => {
    for (const until = place.now + milliseconds; place.now < until; place.now += 1) {
      const now = due.filter(({ at }) => at <= place.now)
      due = due.filter(({ at }) => at > place.now)
      for (const { callback } of now) callback()
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve()
    }
  }
  const process = () => {
    const growth = new Growth({ broker, isShort: () => false, changed: () => {} })
    const story: Array<string> = []
    const ask = (name: string, grows: Partial<Grows>) => {
      const asked = { leave: (): void => {} }
      void Promise.resolve(growth.enter({ bytes: 100, starts: false, ...grows })).then(
        (leave) => {
          story.push(name)
          asked.leave = leave
        },
        (cause: unknown) => story.push(cause instanceof NotNow ? `not ${name}` : String(cause))
      )
      return asked
    }
    return { growth, story, ask }
  }
  return { place, pass, process }
}

test("where there is room nobody waits, and nothing is stored for it", () => {
  const { growth } = account(90_000).process()
  const leave = growth.enter({ bytes: 5_000, starts: true })
  expect(leave).toBeTypeOf("function")
  expect(growth.enter({ bytes: 15_000, starts: true })).toBeTypeOf("function")
  // Both together take a quarter: others look at the same room.
  expect(growth.enter({ bytes: 1_000, starts: true })).toBeInstanceOf(Promise)
  expect(growth.isShort).toBe(true)
})

test("what has begun goes before what has not, each as soon as it fits", async () => {
  const { place, pass, process } = account(2_000)
  const { story, ask } = process()
  ask("start", { starts: true })
  const one = ask("one", { bytes: 1_000 })
  const two = ask("two", { bytes: 2_000 })
  await pass(500)
  expect(story).toEqual([])
  place.left = 3_600
  await pass(500)
  expect(story).toEqual(["one"])
  one.leave()
  place.left = 5_050
  await pass(500)
  expect(story).toEqual(["one", "two"])
  two.leave()
  // A start leaves room for what has begun.
  await pass(500)
  expect(story).toHaveLength(2)
  place.left = 8_000
  await pass(500)
  expect(story).toEqual(["one", "two", "start"])
})

test("of two processes one at a time takes much of what is left", async () => {
  const { pass, process } = account(5_000)
  const [here, there] = [process(), process()]
  const first = here.ask("here", { bytes: 2_000 })
  there.ask("there", { bytes: 2_000 })
  await pass(200)
  expect([...here.story, ...there.story]).toEqual(["here"])
  first.leave()
  await pass(200)
  expect(there.story).toEqual(["there"])
})

test("where nothing fits and nothing ends, something begins all the same, a part of the room at a time", async () => {
  const { pass, process } = account(2_400)
  const { story, ask } = process()
  const many = Array.from({ length: 24 }, (_, at) => ask(String(at), { bytes: 30, starts: true }))
  await pass(2_400)
  expect(story).toEqual([])
  await pass(600)
  expect(story).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
  await pass(3_000)
  // Those are still being stored.
  expect(story).toHaveLength(10)
  for (const { leave } of many.slice(0, 10)) leave()
  await pass(200)
  expect(story).toHaveLength(20)
})

test("one that is larger than all that is left begins alone", async () => {
  const { pass, process } = account(2_000)
  const { story, ask } = process()
  ask("large", { bytes: 50_000 })
  ask("other", { bytes: 50_000 })
  await pass(10_000)
  expect(story).toEqual(["large"])
})

test("of what waits in slots all is given back while nothing is let in, and where too many wait the last", async () => {
  const { pass, process } = account(2_000)
  const { story, ask } = process()
  ask("begun", { bytes: 50_000 })
  ask("in a slot", { starts: true, inSlot: true })
  await pass(100)
  expect(story).toEqual(["not in a slot"])
  for (let at = 0; at < 130; at += 1) ask(`start ${at}`, { starts: true })
  await pass(100)
  expect(story.slice(1)).toEqual(["not start 129", "not start 128", "not start 127"])
})

test("what waits is given back when the worker stops", async () => {
  const { pass, process } = account(2_000)
  const { growth, story, ask } = process()
  ask("begun", { bytes: 50_000 })
  await pass(10)
  growth.stop()
  ask("late", { bytes: 50_000 })
  await pass(10)
  expect(story).toEqual(["not begun", "not late"])
})
