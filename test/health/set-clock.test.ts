/** Health: the broker's clock was set back. */
import { expect, test } from "vitest"
import { setClockOf, whyNoClock } from "../facts/clock-of.ts"
import { clientAt, double, workerAt } from "../facts/place.ts"
import { serverForTest } from "../nats/fixture.ts"
import { appears, goes } from "./appears.ts"

test.skipIf(whyNoClock !== undefined)("the broker's clock was set back", async () => {
  const server = await serverForTest()
  const lines: Array<string> = []
  const print = (line: string): void => void lines.push(line)
  const worker = await workerAt(server, [double], {}, { print })
  const app = await clientAt(server)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
  await setClockOf(server.pid, -6)
  const told = /the clock of NATS at .* was set back, and is still behind/
  // Health is what looks at it at once; who is not asked finds out within half a minute of work.
  await appears(worker, told)
  await appears(app, told)
  expect(await app.run(double(2))).toBe(4)
  expect(lines.filter((line) => line.includes("was set back by 6 s"))).toHaveLength(1)
  await goes(worker, told, 10_000)
  await goes(app, told)
  expect(await worker.health()).toMatchObject({ ok: true, problems: [] })
})
