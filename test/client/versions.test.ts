/** Which side of a result that does not fit has the older code, and what is said when nothing can be known. */
import { expect, test } from "vitest"
import { versionsApart } from "../../src/client/versions.ts"
import { v1, v2 } from "../worker/versions.ts"

const now = 1_795_408_331_760
const minute = 60_000

const contract = (since: number) => ({
  task: "deploy.label",
  fingerprint: v2.label["~arpeggio"].fingerprint,
  worker: "host-1-abcd",
  since
})

test("a worker that was started later is newer", () => {
  const said = versionsApart(contract(now + minute), v1.label(1), now)
  expect(said).toMatch(/^deploy\.label was executed on worker host-1-abcd with version/)
  expect(said).toContain(
    "most likely this process has the older code: deploy the newer version here"
  )
})

test("a worker that was started earlier is older", () => {
  const said = versionsApart(contract(now - minute), v1.label(1), now)
  expect(said).toContain(
    "most likely host-1-abcd has the older code: deploy the newer version to the"
  )
})

test("of two that were started at once nobody knows", () => {
  const said = versionsApart(contract(now + 10), v1.label(1), now)
  expect(said).toContain("deploy one version of the contract to both")
})

test("nothing is said where no version was crossed, where the reader has the worker's, or knows no such task", () => {
  expect(versionsApart(undefined, v1.label(1), now)).toBeUndefined()
  expect(versionsApart(contract(now), v2.label(1), now)).toBeUndefined()
  expect(versionsApart(contract(now), v1.gone(1), now)).toBeUndefined()
})
