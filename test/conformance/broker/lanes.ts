/** How lanes are doing: which there are, what waits in each, and whether anybody moves. */
import { expect, test } from "vitest"
import type { LaneState } from "../../../src/broker/broker.ts"
import { eventually, newLane, publishCalls, take, type Place } from "./place.ts"

export const laneTests = (here: () => Place): void => {
  const state = async ({ queue }: { readonly queue: string }): Promise<LaneState | undefined> =>
    (await here().broker.lanes()).find((lane) => lane.queue === queue)
  const counts = async (lane: { readonly queue: string }) => {
    const found = await state(lane)
    return found && [found.pending, found.out, found.asking > 0]
  }

  test("a lane that nobody has served is known when somebody made it known", async () => {
    const { broker } = here()
    const lane = newLane()
    broker.know(lane)
    broker.know(lane)
    await publishCalls(broker, lane, 3)
    await eventually(() => counts(lane), [3, 0, false])
    expect(await broker.waiting(lane)).toBe(0)
  })

  test("calls that wait, calls that are out, and requests are told apart; what moves leaves another mark", async () => {
    const { broker } = here()
    const lane = newLane()
    const taken = await take(broker, lane, 2)
    await eventually(() => counts(lane), [0, 0, true])
    await publishCalls(broker, lane, 5)
    await taken.arrived(2)
    await eventually(() => counts(lane), [3, 2, false])
    const { mark } = (await state(lane))!
    expect((await state(lane))!.mark).toBe(mark)
    taken.calls[0]!.ack()
    await eventually(() => counts(lane), [3, 1, false])
    expect((await state(lane))!.mark).not.toBe(mark)
    await taken.consumption.stop()
  })
}
