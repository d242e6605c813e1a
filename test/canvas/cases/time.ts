/** Calls that begin later, or not in time, and sleeps: wherever a call may stand. What is given and taken is as without them. */
import { expect, test } from "vitest"
import { always } from "../../../src/compose/cleanup.ts"
import { chain } from "../../../src/compose/chain.ts"
import { chord } from "../../../src/compose/chord.ts"
import { group } from "../../../src/compose/group.ts"
import { onFailure, onSuccess } from "../../../src/compose/hook.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import { map } from "../../../src/compose/map.ts"
import { recover } from "../../../src/compose/recover.ts"
import { settle } from "../../../src/compose/settle.ts"
import { sleep } from "../../../src/compose/sleep.ts"
import { guest, user } from "../../fixtures/branches.ts"
import {
  add,
  addInSteps,
  alarmed,
  fail,
  identity,
  mul,
  range,
  reasonOf,
  same,
  text,
  told,
  tsum
} from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

const soon = "30 millis"
const past = new Date(0)

export const timeCases = (canvas: Canvas): void => {
  test("a sleep between steps, before them and behind them", async () => {
    const { app } = canvas
    expect(await app.run(chain(add(1, 2), sleep(soon), mul(3)))).toBe(9)
    expect(await app.run(chain(sleep(soon), add(1, 2), mul(3)))).toBe(9)
    expect(await app.run(chain(sleep(soon), mul(3), sleep(soon)), 5)).toBe(15)
    expect(await app.run(chain(add(1, 2), sleep(past), mul(3), sleep(0)))).toBe(9)
    expect(await app.run(chain(add(1, 2), chain(sleep(soon), mul(3))))).toBe(9)
  })

  test("a sleep beside other members, and before and behind a group", async () => {
    const { app } = canvas
    const beside = group(identity(1), sleep(soon), identity(3))
    expect(await app.run(beside)).toEqual([1, undefined, 3])
    expect(await app.run(group({ one: identity(1), wait: sleep(soon) }))).toEqual({
      one: 1,
      wait: undefined
    })
    const delayed = chain(sleep(soon), group(identity(1), identity(2)), sleep(soon), tsum())
    expect(await app.run(delayed)).toBe(3)
    expect(await app.run(chain(identity(4), group(sleep(soon), mul(2))))).toEqual([undefined, 8])
  })

  test("calls that begin later, in every place", async () => {
    const { app } = canvas
    const later = { delay: soon } as const
    expect(await app.run(add(1, 2).with(later))).toBe(3)
    expect(await app.run(add(1, 2).with({ eta: past }))).toBe(3)
    expect(await app.run(chain(add(1, 2).with(later), mul(3).with(later)))).toBe(9)
    const members = [identity(1).with(later), identity(2)] as const
    expect(await app.run(chord(members, tsum().with(later)))).toBe(3)
    expect(await app.run(chain(range(3), map(add(1).with(later), { concurrency: 2 })))).toEqual([
      1, 2, 3
    ])
    expect(await app.run(chain(range(2), map(chain(sleep(soon), add(1)))))).toEqual([1, 2])
    expect(await app.run(settle(fail(1).with(later)))).toMatchObject({ _tag: "Failed" })
    expect(await app.run(addInSteps(1, 2).with(later))).toBe(3)
    const safe = recover(fail(1).with(later), { Expected: reasonOf().with(later) })
    expect(await app.run(safe)).toBe("as it said at 1")
    expect(await app.run(onSuccess(add(1, 2).with(later), told()))).toBe(3)
    expect(await app.run(always(add(1, 2), ignoreInput(identity(1).with(later))))).toBe(3)
  })

  test("what was not begun in time has expired, wherever it stands, and is not recovered", async () => {
    const { app } = canvas
    const late = identity(1).with({ expires: past })
    const expired = { _tag: "Expired" }
    const outcome = async (workflow: Parameters<typeof app.start>[0]): Promise<unknown> =>
      (await app.start(workflow as never)).outcome()
    expect(await outcome(late as never)).toEqual(expired)
    expect(await app.run(settle(late))).toEqual(expired)
    expect(await app.run(settle(chain(add(1, 2), identity().with({ expires: past }))))).toEqual(
      expired
    )
    expect(await app.run(settle(group(identity(2), late)))).toEqual(expired)
    expect(await app.run(chain(range(2), settle(map(identity().with({ expires: past })))))).toEqual(
      expired
    )
    const fallback = { Crashed: ignoreInput(identity(7)), TimedOut: ignoreInput(identity(8)) }
    expect(await app.run(settle(recover(late, fallback)))).toEqual(expired)
    expect(await outcome(onFailure(late, alarmed()) as never)).toEqual(expired)
    expect(await app.run(group(settle(late), identity(2)))).toEqual([expired, 2])
  })

  test("in time is in time", async () => {
    const { app } = canvas
    const call = add(1, 2).with({ delay: soon, expires: "1 hour" })
    expect(await app.run(call)).toBe(3)
    expect(await app.run(chain(call, mul(3).with({ expires: "1 hour" })))).toBe(9)
  })

  test("a sleep gives on which way a value came, and values too large to travel", async () => {
    const { app } = canvas
    const found = recover(user(-1), { NoSuchUser: guest() })
    const awake = await app.run(found)
    expect(await app.run(chain(found, sleep(soon)))).toStrictEqual(awake)
    expect(await app.run(chain(chain(found, sleep(soon)), sleep(soon)))).toStrictEqual(awake)
    expect(await app.run(group(chain(found, sleep(soon)), identity(1)))).toStrictEqual([awake, 1])
    const large = "x".repeat(1_500_000)
    expect(await app.run(chain(sleep(soon), text(), sleep(soon)), large)).toBe(large)
    expect(await app.run(chain(text(large).with({ delay: soon }), sleep(soon), same()))).toBe(large)
  })
}
