/** The broker's clock as a process knows it, when somebody sets the clock of the machine. */
import { afterEach, expect, test, vi } from "vitest"
import type { Api } from "../../src/nats/api.ts"
import { makeClock } from "../../src/nats/clock.ts"

afterEach(() => void vi.restoreAllMocks())

test("time goes on evenly, and is compared again when the machine's clock was set", async () => {
  const brokersTime = Date.now() + 30_000
  const began = performance.now()
  let questions = 0
  const api = (async () => {
    questions += 1
    return { ts: new Date(brokersTime + performance.now() - began).toISOString() }
  }) as unknown as Api
  const clock = makeClock({
    link: { onReconnect: () => ({ stop: () => {} }) },
    api,
    stream: "arpeggio-shop",
    timing: { clock: 180_000, glance: 30_000 },
    leapt: () => {}
  })
  await clock.measure()
  const late = (): number => clock.now() - (brokersTime + performance.now() - began)
  expect(Math.abs(late())).toBeLessThan(50)
  const asked = questions
  const real = Date.now.bind(Date)
  vi.spyOn(Date, "now").mockImplementation(() => real() + 30_000)
  expect(Math.abs(late())).toBeLessThan(50)
  await vi.waitFor(() => expect(questions).toBeGreaterThan(asked))
  expect(Math.abs(late())).toBeLessThan(50)
  clock.stop()
})
