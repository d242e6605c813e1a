/** A slot serves the next call as soon as its handler has ended, and a broker that stores slowly is not sent ever more. */
import { expect, test } from "vitest"
import { Slots } from "../../src/worker/slots.ts"

const slotsOf = (most: number) => {
  const pulled: Array<number> = []
  return { slots: new Slots(most, (free) => pulled.push(free)), pulled }
}

test("a slot comes free when its handler has ended, once", () => {
  const { slots, pulled } = slotsOf(2)
  const slot = slots.take()
  expect(slots.executing).toBe(1)
  slot.executed()
  slot.executed()
  expect([slots.executing, ...pulled]).toEqual([0, 1])
  slot.stored()
  slot.stored()
  expect(pulled).toEqual([1])
})

test("a call that is over without an execution frees its slot too", () => {
  const { slots, pulled } = slotsOf(1)
  slots.take().stored()
  expect([slots.executing, ...pulled]).toEqual([0, 1])
})

test("while too many outcomes are being stored nothing is asked for, and then for all that came free", () => {
  const { slots, pulled } = slotsOf(1_000)
  const taken = Array.from({ length: 300 }, () => slots.take())
  for (const slot of taken) slot.executed()
  expect(pulled).toHaveLength(256)
  taken[0]!.stored()
  expect(pulled).toHaveLength(256)
  for (const slot of taken.slice(1, 60)) slot.stored()
  expect(pulled.reduce((sum, each) => sum + each, 0)).toBe(300)
  expect(Math.max(...pulled)).toBeGreaterThan(1)
})

test("a slot whose handler goes on comes free when that ends, once", async () => {
  const { slots, pulled } = slotsOf(1)
  const slot = slots.take()
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  slot.runsOn("math.loop", ended)
  slot.executed()
  slot.stored()
  expect([slots.executing, slots.overrunning, ...pulled]).toEqual([1, ["math.loop"]])
  end()
  await ended
  expect([slots.executing, slots.overrunning, ...pulled]).toEqual([0, [], 1])
  slot.stored()
  expect(pulled).toEqual([1])
})

test("a handler that ends before its outcome is stored frees its slot as any other", async () => {
  const { slots, pulled } = slotsOf(1)
  const slot = slots.take()
  const ended = Promise.resolve()
  slot.runsOn("math.loop", ended)
  await ended
  expect([slots.executing, slots.overrunning, ...pulled]).toEqual([1, []])
  slot.executed()
  slot.stored()
  expect([slots.executing, ...pulled]).toEqual([0, 1])
})
