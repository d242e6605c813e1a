/** A test that fails while a handler runs says so soon: its app does not wait for the handler as a deployed worker would. */
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { task } from "arpeggio"
import { testApp } from "arpeggio/testing"

test("closing waits a second for a handler that does not end", { timeout: 30_000 }, async () => {
  const endless = task(
    "test.endless",
    { input: [], output: Schema.Void },
    () => new Promise(() => {})
  )
  const app = await testApp([endless])
  await app.start(endless())
  await app.expectStarted(endless)
  const began = performance.now()
  await app.close()
  const took = performance.now() - began
  expect(took).toBeGreaterThan(900)
  expect(took).toBeLessThan(15_000)
})
