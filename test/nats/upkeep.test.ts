/** Looks after the room of a namespace: one at a time, however often somebody asks for one soon. */
import { expect, test, vi } from "vitest"
import { Upkeep } from "../../src/nats/upkeep.ts"

test("to ask for a look soon, while one is under way, begins no second row of looks", async () => {
  let looks = 0
  const ends: Array<() => void> = []
  const room = {
    room: undefined,
    look: () => {
      looks += 1
      return new Promise<void>((resolve) => ends.push(resolve))
    }
  }
  const ballast = { isWhole: true, isGiven: false, refusals: 0, lay: async () => true }
  const upkeep = new Upkeep({
    link: { connected: () => true },
    ballast: ballast as never,
    room: room as never,
    every: 1,
    overdue: async () => 0
  })
  for (let look = 1; look <= 20; look += 1) {
    await vi.waitFor(() => expect(looks).toBe(look))
    upkeep.hurry()
    upkeep.hurry()
    // Whoever came too early would be here by now.
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(looks).toBe(look)
    ends.shift()!()
  }
  upkeep.stop()
})
