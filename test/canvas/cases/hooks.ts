/** What Celery calls link and link_error: callbacks on the outcome of a whole, which fire once and change nothing. */
import { describe, expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { chord } from "../../../src/compose/chord.ts"
import { group } from "../../../src/compose/group.ts"
import { onFailure, onSuccess } from "../../../src/compose/hook.ts"
import { ignoreInput } from "../../../src/compose/ignore-input.ts"
import { map } from "../../../src/compose/map.ts"
import { recover } from "../../../src/compose/recover.ts"
import { settle } from "../../../src/compose/settle.ts"
import type { AnyWorkflow, Workflow } from "../../../src/define/workflow.ts"
import { callbacksOf } from "../../fixtures/ledger.ts"
import {
  add,
  addInSteps,
  alarmed,
  countdown,
  crash,
  Expected,
  fail,
  failLater,
  identity,
  range,
  reasonOf,
  told,
  tsum
} from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

interface Hooked {
  readonly workflow: AnyWorkflow
  /** What it gives, or the error that it fails with. */
  readonly gives?: unknown
  readonly fails?: unknown
  /** What its callbacks are given, one after another. */
  readonly told?: ReadonlyArray<unknown>
  readonly alarmed?: ReadonlyArray<unknown>
}

const expected = (at: number): unknown => expect.objectContaining({ _tag: "Expected", at })
const failure = (task: string, at: number): unknown =>
  expect.objectContaining({ task, attempt: 1, error: expected(at) })

const cases: { readonly [name: string]: Hooked } = {
  "a call": { workflow: onSuccess(add(1, 2), told()), gives: 3, told: [3] },
  "a callback without input": {
    workflow: onSuccess(add(1, 2), told("done")),
    gives: 3,
    told: ["done"]
  },
  "a group, once for the whole": {
    workflow: onSuccess(group(identity(1), identity(2), identity(3)), told()),
    gives: [1, 2, 3],
    told: [[1, 2, 3]]
  },
  "a group of which several fail, once": {
    workflow: onFailure(group(fail(7), fail(7), identity(3)), alarmed()),
    fails: expected(7),
    alarmed: [failure("canvas.fail", 7)]
  },
  "no callback for the other way to end": {
    workflow: chain(
      group(onFailure(identity(1), alarmed()), settle(onSuccess(fail(2), told()))),
      ignoreInput(identity(0))
    ),
    gives: 0,
    told: [],
    alarmed: []
  },
  "a step in the middle": {
    workflow: chain(add(1, 1), onSuccess(add(3), told()), add(10)),
    gives: 15,
    told: [5]
  },
  "the last step, and the chain": {
    workflow: onSuccess(chain(add(1, 1), onSuccess(add(3), told())), told()),
    gives: 5,
    told: [5, 5]
  },
  "not a step that was never begun": {
    workflow: onFailure(chain(fail(1), onFailure(fail(), alarmed())), alarmed()),
    fails: expected(1),
    alarmed: [failure("canvas.fail", 1)]
  },
  "a step that fails, and the chain": {
    workflow: onFailure(chain(onFailure(fail(1), alarmed()), add(1)), alarmed()),
    fails: expected(1),
    alarmed: [failure("canvas.fail", 1), failure("canvas.fail", 1)]
  },
  "one in another": {
    workflow: onFailure(onSuccess(onFailure(fail(4), alarmed()), told()), alarmed()),
    fails: expected(4),
    alarmed: [failure("canvas.fail", 4), failure("canvas.fail", 4)],
    told: []
  },
  "a member": {
    workflow: chain(group(onSuccess(identity(1), told()), onSuccess(identity(2), told())), tsum()),
    gives: 3,
    told: [1, 2]
  },
  "a task replaced": {
    workflow: chain(onSuccess(addInSteps(1, 2), told()), add(1)),
    gives: 4,
    told: [3]
  },
  "a task replaced many times": {
    workflow: onSuccess(countdown(5, 42), told()),
    gives: 42,
    told: [42]
  },
  "a replaced task that fails": {
    workflow: onFailure(failLater(3), alarmed()),
    fails: expected(3),
    alarmed: [failure("canvas.fail", 3)]
  },
  "each item of a map, and the map": {
    workflow: onSuccess(chain(range(3), map(onSuccess(add(1), told()))), told()),
    gives: [1, 2, 3],
    told: [1, 2, 3, [1, 2, 3]]
  },
  "a chord, whichever part fails": {
    workflow: onFailure(chord([identity(1), fail(2)], tsum()), alarmed()),
    fails: expected(2),
    alarmed: [failure("canvas.fail", 2)]
  },
  "what is recovered": {
    workflow: chain(
      onSuccess(recover(onFailure(fail(1), alarmed()), { Expected: reasonOf() }), told())
    ),
    gives: "as it said at 1",
    told: ["as it said at 1"],
    alarmed: [failure("canvas.fail", 1)]
  },
  "what is settled": {
    workflow: chain(settle(onFailure(fail(1), alarmed())), ignoreInput(identity(9))),
    gives: 9,
    alarmed: [failure("canvas.fail", 1)]
  },
  "an empty group": { workflow: onSuccess(group([]), told()), gives: [], told: [[]] },
  "a callback that fails": { workflow: onSuccess(identity(5), fail()), gives: 5 },
  "a callback that is a workflow": {
    workflow: onSuccess(identity(5), chain(group(add(1), add(2)), told())),
    gives: 5
  },
  "a crash": {
    workflow: onFailure(crash(1), alarmed()),
    alarmed: [
      expect.objectContaining({
        task: "canvas.crash",
        error: expect.objectContaining({ _tag: "Crashed", name: "RangeError" })
      })
    ]
  }
}

/** Equal whatever the order, because callbacks are runs of their own. */
const inOrder = (values: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  values.toSorted((left, right) => JSON.stringify(left).localeCompare(JSON.stringify(right)))

export const hookCases = (canvas: Canvas): void => {
  describe("callbacks", () => {
    for (const [name, hooked] of Object.entries(cases)) {
      test(`on ${name}`, async () => {
        const run = await canvas.app.start(hooked.workflow as Workflow<void, unknown>)
        const outcome = await run.outcome()
        if ("gives" in hooked) expect(outcome).toEqual({ _tag: "Succeeded", value: hooked.gives })
        if ("fails" in hooked) expect(outcome).toMatchObject({ error: hooked.fails })
        if (!canvas.layer.executes) return
        const given = (task: string): ReadonlyArray<unknown> =>
          inOrder(callbacksOf(run.id, task).map(({ input }) => input[0]))
        for (const [task, inputs] of [
          ["canvas.told", hooked.told],
          ["canvas.alarmed", hooked.alarmed]
        ] as const) {
          if (inputs === undefined) continue
          await expect.poll(() => given(task)).toHaveLength(inputs.length)
          expect(given(task)).toEqual(inOrder(inputs))
        }
      })
    }

    test("a failure arrives as it was declared, and names the run and the step", async () => {
      const workflow = onFailure(chain(identity(3), fail()), alarmed())
      const run = await canvas.app.start(workflow)
      await expect(run.result()).rejects.toThrow(Expected)
      if (!canvas.layer.executes) return
      await expect.poll(() => callbacksOf(run.id, "canvas.alarmed")).toHaveLength(1)
      const [failure] = callbacksOf(run.id, "canvas.alarmed")[0]!.input as ReadonlyArray<{
        readonly run: string
        readonly error: unknown
      }>
      expect(failure!.run).toBe(run.id)
      expect(failure!.error).toBeInstanceOf(Expected)
    })
  })
}
