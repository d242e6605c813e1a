/** A run whose task nobody served is done again as a new run: what had succeeded is taken over, and the rest is executed. */
import * as Schema from "effect/Schema"
import { describe, expect, test } from "vitest"
import { chain, chainOf } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { always, ifFailed } from "../../src/compose/cleanup.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { pass } from "../../src/compose/pass.ts"
import { recover, withInput } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import type { AnyWorkflow, Workflow } from "../../src/define/workflow.ts"
import { clientOver } from "../../src/testing/index.ts"
import {
  branchTasks,
  guest,
  hint,
  loadUser,
  NotFound,
  OrderNotFound,
  price,
  total,
  user
} from "../fixtures/branches.ts"
import { executionsOf } from "../fixtures/ledger.ts"
import {
  add,
  amends,
  both,
  canvasTasks,
  fail,
  identity,
  range,
  reasonOf,
  record,
  same,
  tsum
} from "../fixtures/tasks.ts"
import { minute, scene } from "./memory.ts"
import { late, replaced } from "./tasks.ts"

interface Case {
  readonly workflow: AnyWorkflow
  readonly input?: unknown
  /** How the old run ends. */
  readonly old?: string
  readonly value: unknown
  /** Executions of the new run, by task. */
  readonly executed: { readonly [task: string]: number }
}

const large = "x".repeat(300_000)
const gone = { "dead.late": 1 }
const crashed = { _tag: "Crashed", name: "UnknownTask" }

const cases: { readonly [form: string]: Case } = {
  "a call": { workflow: late(1), value: 1, executed: gone },
  "a call with a large argument": { workflow: late(large), value: large, executed: gone },
  "a chain": {
    workflow: chain(identity(1), late(), record()),
    value: 1,
    executed: { ...gone, "canvas.record": 1 }
  },
  "the first step of a chain": {
    workflow: chain(late(1), record()),
    value: 1,
    executed: { ...gone, "canvas.record": 1 }
  },
  "a chain with an input": {
    workflow: chain(same(), late(), record()),
    input: { a: [1] },
    value: { a: [1] },
    executed: { ...gone, "canvas.record": 1 }
  },
  "a chain of large values": {
    workflow: chain(same(large), late(), record()),
    value: large,
    executed: { ...gone, "canvas.record": 1 }
  },
  "a plan too large to travel": {
    workflow: chain(same("a"), late(), chainOf(Array.from({ length: 40 }, () => same())) as never),
    value: "a",
    executed: { ...gone, "canvas.same": 40 }
  },
  "a plan and an input stored before the start": {
    workflow: chain(same(), late(), group(same(), same("y".repeat(140_000)) as never)),
    input: large,
    value: [large, "y".repeat(140_000)],
    executed: { ...gone, "canvas.same": 2 }
  },
  "a chord": {
    workflow: chord([identity(1), late(2), identity(3)], record()),
    value: [1, 2, 3],
    executed: { ...gone, "canvas.record": 1 }
  },
  "a chord of chains behind a chord": {
    workflow: chainOf([
      chord([identity(1), identity(2)], tsum()),
      group(chain(identity(), late()), chain(identity(), add(1))),
      record()
    ]),
    value: [3, 4],
    executed: { ...gone, "canvas.record": 1 }
  },
  "members given a large value": {
    workflow: chainOf([same(large), group(same(), late()), map(same())]),
    value: [large, large],
    executed: { ...gone, "canvas.same": 2 }
  },
  "members of a group that are given by reference": {
    workflow: chainOf([group(same(large), same(large), same(large)), late(), record()]),
    value: [large, large, large],
    executed: { ...gone, "canvas.record": 1 }
  },
  "a settled call": {
    workflow: chainOf([identity(1), settle(late()), record(), same()]),
    old: "Succeeded",
    value: { _tag: "Succeeded", value: 1 },
    executed: { ...gone, "canvas.record": 1, "canvas.same": 1 }
  },
  "a call whose crash was recovered": {
    workflow: chainOf([
      identity(1),
      recover(late(), { Crashed: withInput(pass(Schema.Json)) } as never),
      record()
    ]),
    old: "Succeeded",
    value: 1,
    executed: { ...gone, "canvas.record": 1 }
  },
  "a settled call beside a failure that was settled, and a success": {
    workflow: chainOf([
      group(settle(late(1)), settle(fail(2)), chain(identity(3), add(1)), settle(group(both(1)))),
      map(same())
    ]),
    old: "Succeeded",
    value: [
      { _tag: "Succeeded", value: 1 },
      { _tag: "Failed", error: { _tag: "Expected", reason: "as it said", at: 2 } },
      4,
      { _tag: "Succeeded", value: [[1, 2]] }
    ],
    executed: { ...gone, "canvas.same": 4 }
  },
  "a call behind what was passed on": {
    workflow: chain(
      identity(1),
      group({ before: pass(Schema.Finite), after: add(1) }),
      late(),
      record()
    ),
    value: { before: 1, after: 2 },
    executed: { ...gone, "canvas.record": 1 }
  },
  "a call beside what was passed on": {
    workflow: chain(same(large), group(pass(Schema.Json), late()), record()),
    value: [large, large],
    executed: { ...gone, "canvas.record": 1 }
  },
  "a call behind a run's input that was passed on": {
    workflow: chain(pass(Schema.Finite), late(), record()),
    input: 3,
    value: 3,
    executed: { ...gone, "canvas.record": 1 }
  },
  "the call that recovers, with the input": {
    workflow: chain(
      identity(4),
      recover(chain(add(1), fail()), { Expected: withInput(chain(amends(), late())) }),
      record()
    ),
    value: 45,
    executed: { ...gone, "canvas.fail": 1, "canvas.amends": 1, "canvas.record": 1 }
  },
  "a call with a cleanup": {
    workflow: chain(identity(1), always(late(), ignoreInput(record("done")))),
    value: 1,
    executed: { ...gone, "canvas.record": 1 }
  },
  "a cleanup": {
    workflow: chain(always(add(1, 2), late() as never), record()),
    value: 3,
    executed: { ...gone, "canvas.record": 1 }
  },
  "a call behind a cleanup": {
    workflow: chain(
      always(add(1, 2), ignoreInput(chain(identity(1), add(1)))),
      ifFailed(identity(), ignoreInput(same("never"))),
      late(),
      record()
    ),
    value: 3,
    executed: { ...gone, "canvas.record": 1 }
  },
  "the cleanup of what has failed, in the midst of it": {
    workflow: chainOf([
      settle(ifFailed(chain(add(1, 2), fail()), ignoreInput(chain(identity(1), late())))),
      record()
    ]),
    old: "Succeeded",
    value: { _tag: "Failed", error: { _tag: "Expected", reason: "as it said", at: 3 } },
    executed: { ...gone, "canvas.fail": 1, "canvas.identity": 1, "canvas.record": 1 }
  },
  "a call behind an error that was recovered": {
    workflow: chain(recover(fail(1), { Expected: reasonOf() }), late(), record()),
    value: "as it said at 1",
    executed: { ...gone, "canvas.record": 1 }
  },
  "a call behind a settled group that failed": {
    workflow: chainOf([settle(group(fail(1), identity(2))), late(), record()]),
    value: { _tag: "Failed", error: { _tag: "Expected", reason: "as it said", at: 1 } },
    executed: { ...gone, "canvas.record": 1 }
  },
  "a call behind a settled chain that failed": {
    workflow: chainOf([settle(settle(chain(identity(1), fail()))), late()] as never),
    value: { _tag: "Succeeded", value: { _tag: "Failed" } },
    executed: gone
  },
  "the call that recovers": {
    workflow: chain(recover(chain(identity(1), fail()), { Expected: late() as never }), record()),
    value: { _tag: "Expected", reason: "as it said", at: 1 },
    executed: { ...gone, "canvas.fail": 1, "canvas.record": 1 }
  },
  "items of a map": {
    workflow: chain(range(3), map(chain(add(1), late())), record()),
    value: [1, 2, 3],
    executed: { "dead.late": 3, "canvas.record": 1 }
  },
  "items of a map with lanes": {
    workflow: chain(range(3), map(chain(add(1), settle(late())), { concurrency: 1 })),
    old: "Succeeded",
    value: [1, 2, 3].map((value) => ({ _tag: "Succeeded", value })),
    executed: { "dead.late": 3 }
  },
  "a task replaced": {
    workflow: chain(replaced(1), record()),
    value: 1,
    executed: { ...gone, "canvas.record": 1 }
  },
  "a replaced task in an item of a map": {
    workflow: chain(range(2), map(chain(replaced(), same()))),
    value: [0, 1],
    executed: { "dead.late": 2, "canvas.same": 2 }
  },
  "a fallback that was taken": {
    workflow: group(recover(user(-1), { NoSuchUser: guest() }), late(1)),
    value: [{ name: "guest", invitedBy: "u-1" }, 1],
    executed: { ...gone }
  },
  "a fallback that is taken now": {
    workflow: recover(chain(late(-1), user() as never) as never, { NoSuchUser: hint() } as never),
    value: "007",
    executed: { ...gone, "branch.user": 1, "branch.hint": 1 }
  },
  "fallbacks in a map": {
    workflow: group(map(recover(total(), { NoSuchUser: hint() })), ignoreInput(late(1))),
    input: [1, -1],
    value: [[7n, "007"], 1],
    executed: { ...gone }
  },
  "a settled error behind a returned workflow": {
    workflow: group(settle(loadUser(-1)), settle(price(7)), late(1)),
    value: [
      { _tag: "Failed", error: new NotFound({ what: "user" }) },
      { _tag: "Failed", error: new OrderNotFound({ order: 7 }) },
      1
    ],
    executed: { ...gone }
  },
  "two calls, both settled": {
    workflow: group(settle(late(1)), settle(late(2)), identity(3)),
    old: "Succeeded",
    value: [{ _tag: "Succeeded", value: 1 }, { _tag: "Succeeded", value: 2 }, 3],
    executed: { "dead.late": 2 }
  }
}

const counts = (run: string): { readonly [task: string]: number } => {
  const found: { [task: string]: number } = {}
  for (const { task } of executionsOf(run)) found[task] = (found[task] ?? 0) + 1
  return found
}

for (const [form, { workflow, input, old = "Crashed", value, executed }] of Object.entries(cases)) {
  describe(form, () => {
    for (const seed of [undefined, 1]) {
      test(seed === undefined ? "in order" : `seed ${seed}`, async () => {
        const { server, app, work, pass, left } = await scene(seed)
        const played = workflow as Workflow<unknown, unknown, unknown>
        const ignorant = await work([...canvasTasks, ...branchTasks, replaced])
        const run = await app.start(played, input)
        await pass(10 * minute)
        const ending = await run.outcome()
        expect(ending._tag).toBe(old)
        if (old === "Crashed") expect(ending).toMatchObject(crashed)
        const before = counts(run.id)
        const { letters } = await app.deadLetters.list()
        expect(letters.map((letter) => [letter.task, letter.obstacle])).toContainEqual([
          "dead.late",
          undefined
        ])
        await ignorant.drain()
        await work([...canvasTasks, ...branchTasks, replaced, late])
        const again = await app.deadLetters.redrive(letters[0]!.id)
        expect(again.id).not.toBe(run.id)
        await pass(minute)
        const outcome = await app.attach(again.id, played).outcome()
        expect(outcome).toMatchObject({ _tag: "Succeeded", value })
        expect(counts(again.id)).toEqual(executed)
        expect(counts(run.id)).toEqual(before)
        expect(await run.outcome()).toEqual(ending)
        expect((await app.deadLetters.list()).letters).toEqual([])
        await pass(10 * minute)
        expect(left()).toEqual([])
        expect(server.records("memory.r.>").length).toBe(2)
      })
    }
  })
}

test("whoever is late with redriving a run that was redriven starts nothing", async () => {
  const { server, app, work, pass } = await scene()
  await work(canvasTasks)
  const run = await app.start(chain(identity(1), late()))
  await pass(2 * minute)
  expect(await run.status()).toBe("Crashed")
  const { letters } = await app.deadLetters.list()
  const slow = await clientOver(server.connect({ name: "slow" }))
  let letThrough = (): void => {}
  const through = new Promise<void>((resolve) => (letThrough = resolve))
  let reach = (): void => {}
  const reached = new Promise<void>((resolve) => (reach = resolve))
  server.onCall = ({ connection, verb, subject }) => {
    if (connection !== "slow" || verb !== "readAll" || !subject.includes(".dl.")) return undefined
    reach()
    return { hold: through }
  }
  const second = slow.deadLetters.redrive(letters[0]!.id).catch((error: unknown) => error)
  await reached
  await app.deadLetters.redrive(letters[0]!.id)
  letThrough()
  expect(await second).toMatchObject({ _tag: "UnknownDeadLetter" })
  await slow.close()
})
