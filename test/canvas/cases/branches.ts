/** Case 24, and its kind: what a fallback gave, and whose error it is, is known from the outcome, however it is nested. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { onSuccess } from "../../../src/compose/hook.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import { map } from "../../../src/compose/map.ts"
import { recover } from "../../../src/compose/recover.ts"
import { settle } from "../../../src/compose/settle.ts"
import type { Workflow } from "../../../src/define/workflow.ts"
import {
  account,
  Account,
  day,
  empty,
  guest,
  hint,
  letters,
  link,
  loadPage,
  loadUser,
  nobody,
  NotFound,
  offer,
  OrderNotFound,
  PageNotFound,
  pairs,
  place,
  price,
  robot,
  Robot,
  someone,
  stamp,
  table,
  total,
  user
} from "../../fixtures/branches.ts"
import { identity, told } from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

const aGuest = { name: "guest", invitedBy: "u-1" }
const found = recover(user(1), { NoSuchUser: guest() })
const lost = recover(user(-1), { NoSuchUser: guest() })
const each = recover(user(), { NoSuchUser: guest() })

const values: { readonly [what: string]: readonly [Workflow<void, unknown, unknown>, unknown] } = {
  "the main branch": [found, { name: "user 1" }],
  "a struct with another field": [lost, aGuest],
  "a string beside a bigint": [recover(total(-1), { NoSuchUser: hint() }), "007"],
  "a string beside a Date": [recover(day(-1), { NoSuchUser: stamp() }), "1970-01-01T00:00:00.001Z"],
  "pairs beside a Map": [recover(table(-1), { NoSuchUser: pairs() }), [["id", -1]]],
  "null beside undefined": [recover(nobody(-1), { NoSuchUser: empty() }), null],
  "a string beside a URL": [recover(place(-1), { NoSuchUser: link() }), "https://example.org/-1"],
  "in a group": [group(lost, found, lost), [aGuest, { name: "user 1" }, aGuest]],
  "in a record": [
    group({ lost, found: group(found) }),
    { lost: aGuest, found: [{ name: "user 1" }] }
  ],
  "at the end of a chain": [chain(identity(-1), each), aGuest],
  "in a chain in a fallback": [
    recover(user(-1), { NoSuchUser: chain(hint(), ignoreInput(lost)) }),
    aGuest
  ],
  "a group as a fallback": [
    recover(total(-1), { NoSuchUser: group(guest(), ignoreInput(lost), hint()) }),
    [aGuest, aGuest, "007"]
  ],
  "an empty group as a fallback": [recover(total(-1), { NoSuchUser: ignoreInput(group([])) }), []],
  "a fallback that recovers": [
    recover(user(-1), {
      NoSuchUser: ignoreInput(recover(total(-2), { NoSuchUser: hint() }))
    }),
    "007"
  ],
  "recovered twice": [
    recover(recover(user(-1), { NoSuchUser: ignoreInput(total(-2)) }), {
      NoSuchUser: robot()
    }),
    new Robot({ name: "robot", model: "m-2" })
  ],
  "recovered where it need not be": [
    recover(
      recover(user(-1), { NoSuchUser: guest() }) as Workflow<void, unknown, never>,
      {
        NoSuchUser: hint()
      } as never
    ),
    aGuest
  ],
  "behind a hook and an ignored input": [
    chain(identity(1), ignoreInput(onSuccess(lost, told()))),
    aGuest
  ],
  settled: [settle(lost), { _tag: "Succeeded", value: aGuest }],
  "settled twice": [
    settle(group(settle(lost), settle(found))),
    {
      _tag: "Succeeded",
      value: [
        { _tag: "Succeeded", value: aGuest },
        { _tag: "Succeeded", value: { name: "user 1" } }
      ]
    }
  ],
  "as a fallback, settled": [
    recover(total(-1), { NoSuchUser: settle(ignoreInput(lost)) }),
    { _tag: "Succeeded", value: aGuest }
  ],
  "of a replaced task": [someone(-1), { name: "guest" }],
  "of a replaced task as a fallback": [
    recover(total(-1), { NoSuchUser: ignoreInput(someone(-2)) }),
    { name: "guest" }
  ]
}

export const branchCases = (canvas: Canvas): void => {
  for (const [what, [workflow, value]] of Object.entries(values)) {
    test(`case 24, what it gives: ${what}`, async () => {
      expect(await canvas.app.run(workflow)).toStrictEqual(value)
    })
  }

  test("case 24, what it gives: classes beside classes", async () => {
    const either = recover(account(), { NoSuchUser: robot() })
    const [known, unknown] = await canvas.app.run(map(either), [1, -1])
    expect(known).toBeInstanceOf(Account)
    expect(unknown).toBeInstanceOf(Robot)
    expect(unknown).toMatchObject({ model: "m-1" })
  })

  test("case 24, what it gives: in maps of maps, with lanes", async () => {
    const lists = map(map(each, { concurrency: 1 }), { concurrency: 2 })
    expect(await canvas.app.run(lists, [[1, -1], [], [-2]])).toStrictEqual([
      [{ name: "user 1" }, aGuest],
      [],
      [{ name: "guest", invitedBy: "u-2" }]
    ])
  })

  test("case 24, what it gives: a choice of fallbacks for one chain of many", async () => {
    const items = Array.from({ length: 40 }, (_, at) => (at % 3 === 0 ? -at - 1 : at))
    const read = await canvas.app.run(map(group(each, settle(each))), items)
    const value = (id: number) =>
      id < 0 ? { name: "guest", invitedBy: `u${id}` } : { name: `user ${id}` }
    expect(read).toStrictEqual(
      items.map((id) => [value(id), { _tag: "Succeeded", value: value(id) }])
    )
  })

  if (canvas.layer.large) {
    test("case 24, what it gives: values that do not fit into one record", async () => {
      const large = 300_000
      const one = recover(total(-1), { NoSuchUser: ignoreInput(letters(1, large)) })
      expect(await canvas.app.run(one)).toHaveLength(large)
      const many = group(one, group(lost, one), settle(group(lost, one)))
      const [first, [second, third], settled] = await canvas.app.run(many)
      expect([first, third]).toEqual(["x".repeat(large), "x".repeat(large)])
      expect(second).toStrictEqual(aGuest)
      expect(settled).toStrictEqual({ _tag: "Succeeded", value: [aGuest, "x".repeat(large)] })
      const wide = recover(total(-1), {
        NoSuchUser: ignoreInput(group(lost, letters(1, 70_000), lost))
      })
      const [left, , right] = (await canvas.app.run(wide)) as ReadonlyArray<unknown>
      expect([left, right]).toStrictEqual([aGuest, aGuest])
    })

    test("case 24, what it gives: more branches than fit into one record", async () => {
      const items = Array.from({ length: 6_000 }, (_, at) => -at - 1)
      const read = await canvas.app.run(map(recover(total(), { NoSuchUser: hint() })), items)
      expect(new Set(read)).toEqual(new Set(["007"]))
    })
  }

  const errors: { readonly [what: string]: Workflow<void, unknown, unknown> } = {
    alone: price(7),
    "after its like": group(loadUser(1), price(7)),
    "before its like": group(price(7), loadUser(1)),
    "in a chain": chain(loadUser(7), group(price(), loadUser())),
    "of what is replaced twice": group(loadUser(1), offer(7)),
    "in a map": group(loadUser(1), chain(identity(7), group(price()))),
    "past a recover": group(
      loadUser(1),
      recover(price(7), { Other: identity(1) } as never) as Workflow<void, unknown, unknown>
    )
  }
  for (const [what, workflow] of Object.entries(errors)) {
    test(`case 2, whose error it is: ${what}`, async () => {
      const error: unknown = await canvas.app.run(workflow).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(OrderNotFound)
      expect(error).toMatchObject({ _tag: "NotFound", order: 7 })
    })
  }

  test("case 2, whose error it is: settled beside its likes", async () => {
    const members = group(loadUser(-1), loadPage(5), price(7), offer(8))
    const { plan } = members["~arpeggio"]
    expect(plan.kind).toBe("group")
    const each = group(
      settle(loadUser(-1)),
      settle(loadPage(5)),
      settle(group(price(7))),
      settle(offer(8))
    )
    const outcomes = await canvas.app.run(each)
    const read = outcomes.map((outcome) => (outcome._tag === "Failed" ? outcome.error : outcome))
    expect(read[0]).toBeInstanceOf(NotFound)
    expect(read[1]).toBeInstanceOf(PageNotFound)
    expect(read[1]).toMatchObject({ page: new Date(5) })
    expect(read[2]).toBeInstanceOf(OrderNotFound)
    expect(read[3]).toMatchObject({ order: 8 })
  })
}
