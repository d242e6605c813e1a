/** A drain whose grace is over reaches the steps that were still being prepared. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { group, task } from "arpeggio"
import { clientOver, memoryServer, workerOver } from "arpeggio/testing"

const text = Schema.String
const endless = task(
  "late.endless",
  { input: [text], output: text },
  () => new Promise<string>(() => {})
)

test("a handler that begins after the grace is stopped, and its step goes back", async () => {
  const server = memoryServer()
  let release = (): void => {}
  const hold = new Promise<void>((resolve) => (release = resolve))
  let asked = (): void => {}
  const reading = new Promise<void>((resolve) => (asked = resolve))
  const worker = await workerOver(server.connect({ name: "worker" }), [endless], { grace: 0 })
  const app = await clientOver(server.connect())
  server.onCall = ({ connection, verb, subject }) => {
    if (connection !== "worker" || verb !== "read" || !subject.includes(".v.")) return undefined
    asked()
    return { hold }
  }
  await app.start(group(endless(), endless()), "x".repeat(20_000))
  await reading
  const drained = worker.drain()
  // Longer than the grace: what the drain does when it is over cannot be seen from outside.
  setTimeout(release, 50)
  await drained
  expect(server.records("memory.t.>")).toHaveLength(2)
  await app.close()
})
