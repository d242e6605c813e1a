/** A memory server on a manual clock, and what the tests of its faults say about it. */
import { memoryServer, type MemoryServer } from "../../src/testing/memory/server.ts"
import type { Broker } from "../../src/broker/broker.ts"
import { bytes, newRun, subjectIn } from "../conformance/broker/place.ts"

export const manual = (seed?: number): MemoryServer =>
  memoryServer({ clock: "manual", ...(seed === undefined ? {} : { seed }) })

/** Whether a promise has settled once nothing travels any more. */
export const stateOf = async (server: MemoryServer, promise: Promise<unknown>): Promise<string> => {
  let state = "pending"
  promise.then(
    () => (state = "resolved"),
    () => (state = "rejected")
  )
  await server.settled()
  return state
}

export const record = (broker: Broker): { subject: string; body: Uint8Array } => ({
  subject: subjectIn(broker, "i", newRun(), "1"),
  body: bytes("value")
})
