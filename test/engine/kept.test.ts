/** What waits for room is given up as a whole, also while it is being tried. */
import { expect, test } from "vitest"
import { BrokerError } from "arpeggio"
import { Kept } from "../../src/engine/room/kept.ts"

const full = new BrokerError({ reason: "Full", message: "no room" })

test("what is being tried as all is given up is not tried again", async () => {
  const due: Array<() => void> = []
  const after = (_: number, callback: () => void): (() => void) => {
    due.push(callback)
    return () => {}
  }
  const kept = new Kept({ after }, () => {})
  let tries = 0
  let refuse = (): void => {}
  const store = (): Promise<never> => {
    tries += 1
    return new Promise((_, reject) => (refuse = () => reject(full)))
  }
  const outcome = kept.keep(10, full, store)
  due.shift()!()
  expect(tries).toBe(1)
  kept.giveUp()
  refuse()
  await expect(outcome).rejects.toBe(full)
  expect(kept.size).toBe(0)
  expect(due).toEqual([])
})
