/** Dead letters that are handled at the very moment at which a timer of their run fires: the run is collected nevertheless. */
import { expect, test } from "vitest"
import { group } from "../../src/compose/group.ts"
import { settle } from "../../src/compose/settle.ts"
import type { Fault } from "../../src/testing/memory/fault.ts"
import type { MemoryServer } from "../../src/testing/memory/server.ts"
import { canvasTasks } from "../fixtures/tasks.ts"
import { minute, scene } from "./memory.ts"
import { late } from "./tasks.ts"

/** How long after the first letter the second is handled: two minutes is when a timer is due that was set for the first. */
const waits = [60_000, 119_999, 120_000, 120_001, 180_000, 239_999, 240_000]

test("whoever sleeps before a letter is removed leaves no run behind", async () => {
  const { server, app, work, pass, left } = await scene()
  await work(canvasTasks)
  await app.start(group(settle(late(1)), settle(late(2))) as never)
  await pass(6 * minute)
  for (const { id } of (await app.deadLetters.list()).letters) {
    let wake = (): void => {}
    const hold = new Promise<void>((resolve) => (wake = resolve))
    server.onCall = ({ connection, verb }) =>
      connection === "client" && verb === "purge" ? { hold } : undefined
    const dropping = app.deadLetters.drop(id)
    await pass(10 * minute)
    wake()
    await pass(1)
    await dropping
  }
  server.onCall = undefined
  await pass(10 * minute)
  expect(left()).toEqual([])
})

/** Timers fire where a client sets some, and whoever is handed what fired is done with it before the client goes on. */
const timersFire = (server: MemoryServer, fault: Fault): (() => void) => {
  let goOn = (): void => {}
  const hold = new Promise<void>((resolve) => (goOn = resolve))
  server.onCall = ({ connection, verb, subject }) => {
    if (connection !== "client") return undefined
    if (verb === "publish" && subject.includes(".s.")) return fault
    return verb === "purge" && subject.includes(".dl.") ? { hold } : undefined
  }
  return goOn
}

for (const fault of ["fired", "firing"] as const) {
  for (const wait of waits) {
    test(`a letter is dropped ${wait} ms after another, as a timer has ${fault}`, async () => {
      const { server, app, work, pass, left } = await scene()
      await work(canvasTasks)
      await app.start(group(settle(late(1)), settle(late(2))) as never)
      await pass(6 * minute)
      const [first, second] = (await app.deadLetters.list()).letters
      expect(left()).not.toEqual([])
      await app.deadLetters.drop(first!.id)
      await pass(wait)
      const goOn = timersFire(server, fault)
      const dropping = app.deadLetters.drop(second!.id)
      await pass(1)
      goOn()
      await pass(1)
      await dropping
      server.onCall = undefined
      await pass(10 * minute)
      expect(left()).toEqual([])
    })

    test(`a run is redriven ${wait} ms after a letter was dropped, as a timer has ${fault}`, async () => {
      const { server, app, work, pass, left } = await scene()
      const ignorant = await work(canvasTasks)
      await app.start(group(settle(late(1)), settle(late(2))) as never)
      await pass(6 * minute)
      await ignorant.drain()
      await work([...canvasTasks, late])
      const [first, second] = (await app.deadLetters.list()).letters
      await app.deadLetters.drop(first!.id)
      await pass(wait)
      const goOn = timersFire(server, fault)
      const redriving = app.deadLetters.redrive(second!.id)
      await pass(1)
      goOn()
      await pass(1)
      const { id } = await redriving
      server.onCall = undefined
      await pass(10 * minute)
      expect(await app.attach(id, late(1)).status()).toBe("Succeeded")
      expect(left()).toEqual([])
    })
  }
}
