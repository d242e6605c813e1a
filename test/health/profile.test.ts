/** A profile that is required, and what was found. */
import { expect, test } from "vitest"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { goes, isNoted } from "./appears.ts"

test("the required profile was not found, or cannot be verified", async () => {
  const server = await serverForTest()
  const broker = await brokerForTest(server, {}, { profile: "single" })
  const sentence = await isNoted(broker, 'profile "single" is required')
  expect(sentence).toContain("cannot be known from here")
  expect(sentence).toContain("sync_interval: always")
  // A server of ours says how it writes.
  await goes(await brokerForTest(server, {}, { profile: "single", sync: "always" }), "required")
})
