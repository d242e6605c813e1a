/** The contract of a broker as tests: what holds on the real server holds in memory, and the other way round. */
import { afterAll, beforeAll, describe } from "vitest"
import { batchTests } from "./broker/batches.ts"
import { callTests } from "./broker/calls.ts"
import { inboxTests } from "./broker/inbox.ts"
import { laneTests } from "./broker/lanes.ts"
import { leaseTests } from "./broker/leases.ts"
import { pageTests } from "./broker/pages.ts"
import { placeOf, type BrokerHarness, type Place } from "./broker/place.ts"
import { recordTests } from "./broker/records.ts"
import { scopeTests } from "./broker/scopes.ts"
import { timerTests } from "./broker/timers.ts"

export type { BrokerHarness } from "./broker/place.ts"

export const brokerSuite = (name: string, make: () => Promise<BrokerHarness>): void => {
  describe(`broker: ${name}`, () => {
    let harness: BrokerHarness | undefined
    let place: Place | undefined
    beforeAll(async () => {
      harness = await make()
      place = placeOf(harness)
    })
    afterAll(() => harness?.close())
    const here = (): Place => place!

    describe("records", () => recordTests(here))
    describe("batches", () => batchTests(here))
    describe("scopes", () => scopeTests(here))
    describe("pages", () => pageTests(here))
    describe("calls", () => callTests(here))
    describe("lanes", () => laneTests(here))
    describe("leases", () => leaseTests(here))
    describe("inbox and news", () => inboxTests(here))
    describe("timers", () => timerTests(here))
  })
}
