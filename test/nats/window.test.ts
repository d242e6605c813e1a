import { expect, test } from "vitest"
import { Window } from "../../src/nats/window.ts"

test("what finds no room waits for its turn, and nobody overtakes", () => {
  const window = new Window(10)
  const entered: Array<string> = []
  expect(window.take(6)).toBe(true)
  expect(window.take(6)).toBe(false)
  window.wait(6, () => entered.push("large"))
  expect(window.take(1)).toBe(false)
  window.wait(1, () => entered.push("small"))
  expect(entered).toEqual([])
  window.give(6)
  expect(entered).toEqual(["large", "small"])
  expect(window.taken).toBe(7)
})

test("what is larger than all of it is let in alone", () => {
  const window = new Window(10)
  expect(window.take(1)).toBe(true)
  let entered = false
  window.wait(50, () => {
    entered = true
  })
  expect(entered).toBe(false)
  window.give(1)
  expect(entered).toBe(true)
  expect(window.take(1)).toBe(false)
})

test("who waits no longer lets the others in", () => {
  const window = new Window(10)
  window.take(8)
  const entered: Array<number> = []
  const first = window.wait(9, () => entered.push(9))
  window.wait(2, () => entered.push(2))
  window.forget(first)
  expect(entered).toEqual([2])
  window.forget(first)
  expect(window.taken).toBe(10)
})

test("narrowed, it lets in less, and never nothing", () => {
  const window = new Window(10)
  window.narrow(2)
  expect(window.take(2)).toBe(true)
  expect(window.take(1)).toBe(false)
  window.give(2)
  expect(window.take(5)).toBe(true)
})
