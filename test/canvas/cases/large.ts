/** Cases 22 and 28 where they are large: long lists, long chains, deep nesting, and ids that do not grow. */
import { expect, test } from "vitest"
import { chain } from "../../../src/compose/chain.ts"
import { group } from "../../../src/compose/group.ts"
import { map } from "../../../src/compose/map.ts"
import type { Json } from "../../../src/define/plan.ts"
import type { Workflow } from "../../../src/define/workflow.ts"
import { forget, stepsOf } from "../../fixtures/ledger.ts"
import { add, countdown, identity, same, tsum } from "../../fixtures/tasks.ts"
import type { Canvas } from "../suite.ts"

export const largeCases = (canvas: Canvas): void => {
  /** Runs it and sees to it that no subject and no id of its grows beyond what is promised. */
  const bounded = async <Out>(workflow: Workflow<void, Out, unknown>): Promise<Out> => {
    const run = await canvas.app.start(workflow as Workflow<void, Out>)
    const value = await run.result()
    forget(run.id)
    const token = run.id.split("-").at(-1)!
    const subjects = (canvas.server?.records() ?? [])
      .map(({ subject }) => subject)
      .filter((subject) => subject.includes(token))
    if (canvas.server !== undefined) expect(subjects.length).toBeGreaterThan(0)
    expect(Math.max(0, ...subjects.map((subject) => subject.length))).toBeLessThanOrEqual(256)
    const nodes = subjects.map((subject) => subject.split(".").at(-2)!)
    expect(Math.max(0, ...nodes.map((node) => node.length))).toBeLessThanOrEqual(32)
    return value
  }

  test("case 22: a map of 10,000 items", { timeout: 60_000 }, async () => {
    const numbers = Array.from({ length: 10_000 }, (_, at) => at)
    const run = await canvas.app.start(chain(map(add(1)), tsum()), numbers)
    expect(await run.result()).toBe(50_005_000)
    if (canvas.layer.executes) expect(stepsOf(run.id, "canvas.add")).toBe(10_000)
    forget(run.id)
  })

  test("case 28: a chain of 700 steps", { timeout: 60_000 }, async () => {
    const steps = Array.from({ length: 699 }, () => add(1))
    expect(await bounded(chain(add(0, 1), chain(...steps)))).toBe(700)
  })

  test("case 28: a task that replaces itself 1,000 times", { timeout: 60_000 }, async () => {
    expect(await bounded(chain(countdown(1_000, 7), add(1)))).toBe(8)
    expect(await bounded(group(countdown(20, 1), countdown(20, 2)))).toEqual([1, 2])
  })

  test("case 28: groups nested 30 deep", async () => {
    let groups: Workflow<number, Json> = identity()
    let expected: unknown = 1
    for (let depth = 0; depth < 30; depth++) {
      groups = group(groups)
      expected = [expected]
    }
    expect(await bounded(chain(identity(1), groups))).toEqual(expected)
    let chords: Workflow<number, Json> = identity()
    for (let depth = 0; depth < 30; depth++) chords = chain(group(chords, identity()), same())
    expect(JSON.stringify(await bounded(chain(identity(1), chords)))).toHaveLength(30 * 4 + 1)
  })
}
