/** The end of a pull request, in the orders in which servers tell it. */
import type { Msg } from "@nats-io/transport-node"
import { expect, test } from "vitest"
import type { Link } from "../../src/nats/connection.ts"
import { Pull } from "../../src/nats/pull.ts"
import { usualTiming } from "../../src/nats/timing.ts"

/** A pull over a connection of which the test says what comes. */
const scene = () => {
  let receive: (message: Msg) => void = () => {}
  const link = {
    inbox: "_INBOX.x",
    connected: () => true,
    ended: new Promise(() => {}),
    send: () => true,
    subscribe: (_: string, callback: (message: Msg) => void) => {
      receive = callback
      return { isClosed: () => false, drain: async () => {}, unsubscribe: () => {} }
    }
  } as unknown as Link
  const told: Array<string> = []
  const pull = new Pull(link, "next", usualTiming, {
    message: (_, reply, owed) => void told.push(owed ? reply : `${reply} not owed`),
    heard: (well) => {
      if (!well) told.push("refused")
    },
    end: (end, left, said) => void told.push(`${end}, ${left} left: ${said}`)
  })
  const call = (reply: string): void => receive({ data: new Uint8Array(10), reply } as Msg)
  const status = (code: number, description: string, pending?: number): void => {
    const get = (): string => (pending === undefined ? "" : String(pending))
    const headers = { code, description, get }
    receive({ data: new Uint8Array(), headers } as unknown as Msg)
  }
  return { pull, told, call, status }
}

test("the last call may come after the word that all were handed out", () => {
  const { pull, told, call, status } = scene()
  pull.ask(2, 1_000)
  call("one")
  status(409, "Batch Completed", 0)
  call("two")
  expect(told).toEqual(["one", "two"])
  expect(pull.busy).toBe(false)
  // On one server that word comes last, perhaps when the next has been asked for.
  pull.ask(1, 1_000)
  status(409, "Batch Completed", 0)
  call("three")
  expect(told).toEqual(["one", "two", "three"])
  expect(pull.busy).toBe(false)
})

test("a request that ends with calls on their way ends when they have come", async () => {
  const { pull, told, call, status } = scene()
  pull.ask(5, 1_000)
  status(409, "Message Size Exceeds MaxBytes", 3)
  expect(pull.busy).toBe(true)
  call("one")
  call("two")
  expect(told).toEqual(["one", "two", "filled, 3 left: 409 Message Size Exceeds MaxBytes"])
  expect(pull.empty).toBe(false)
  // Or never, when their server is gone.
  pull.ask(5, 1_000)
  status(408, "Request Timeout", 4)
  expect(await pull.abandon()).toBe(5)
})

test("where nothing is said of that, nothing is on its way", () => {
  const { pull, told, status } = scene()
  pull.ask(5, 1_000)
  status(409, "Leadership Change")
  expect(told).toEqual(["refused", "refused, 5 left: 409 Leadership Change"])
  expect(pull.busy).toBe(false)
})
