/** A call that does not fit one version of its contract is executed by a worker that has another, or waits for one. */
import { expect, test } from "vitest"
import { chain } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { always } from "../../src/compose/cleanup.ts"
import { group } from "../../src/compose/group.ts"
import { onSuccess } from "../../src/compose/hook.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { pass } from "../../src/compose/pass.ts"
import { recover, withInput } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import { task } from "../../src/define/task.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import * as Schema from "effect/Schema"
import { InvalidResult } from "../../src/result/errors.ts"
import { minute, scene } from "../dead/memory.ts"
import { executed, executedOf, Odd, refuse, sum, tasks1, tasks2, v1, v2 } from "./versions.ts"

type Some = Workflow<void, unknown, unknown>

const hour = { patience: "1 hour" } as const

/** What is executed by the other version when only that fits, whichever worker is asked first. */
const fitting: ReadonlyArray<readonly [what: string, workflow: Some, by: 1 | 2]> = [
  ["a field that was added", v2.bill({ price: 1, name: "a", currency: "EUR" }), 2],
  ["a field that was renamed", v1.print({ price: 1, name: "a" }), 1],
  ["a field that was renamed, of the newer one", v2.print({ price: 1, title: "a" }), 2],
  ["an argument that was added", v2.two(1, 2, 3), 2],
  ["an argument that was removed", v1.two(1, 2), 1],
  ["a check that was widened", v2.short("longer than three"), 2],
  ["a member of a group", group(v1.two(1, 2), v1.print({ price: 1, name: "a" })), 1],
  ["a member of a chord", chord([v2.two(1, 2, 3), v2.two(4, 5, 6)], sum()), 2],
  ["a step that is settled", settle(v1.two(1, 2)), 1]
]

for (const [what, workflow, by] of fitting) {
  for (const first of [1, 2]) {
    test(`${what}, when version ${first} is asked first`, async () => {
      const { app, work, pass } = await scene()
      const worker = await work(first === 1 ? tasks1 : tasks2, hour)
      const run = await app.start(workflow)
      await pass(5_000)
      await work(first === 1 ? tasks2 : tasks1, hour)
      await pass(10 * minute)
      expect((await run.outcome())._tag).toBe("Succeeded")
      const versions = executedOf(run.id).map(({ version, attempt }) => [version, attempt])
      expect(versions.length).toBeGreaterThan(0)
      for (const one of versions) expect(one).toEqual([by, 1])
      await worker.drain()
    })
  }
}

test("what fits both versions is executed by either, at once", async () => {
  const { app, work, pass } = await scene()
  await work(tasks2, hour)
  const run = await app.start(v1.bill({ price: 1, name: "a" }))
  await pass(1)
  expect(await run.outcome()).toEqual({ _tag: "Succeeded", value: 1 })
})

/** What a step of another version gave goes to a worker that takes it whole. */
type Refusing = Workflow<{ price: number; name: string }, number, Odd>
const passed = pass(Schema.Struct({ price: Schema.Finite, name: Schema.String }))
const crossing: { readonly [what: string]: Some } = {
  "the next step": chain(v1.order(1), v1.bill()),
  "the items of a map": chain(group(v1.order(1), v1.order(2)), map(v1.bill())),
  "items one after another": chain(
    group(v1.order(1), v1.order(2), v1.order(3)),
    map(v1.bill(), { concurrency: 1 })
  ),
  "the step behind a recover": chain(
    recover(v1.order(1) as never as Workflow<void, { price: number; name: string }, Odd>, {
      Odd: ignoreInput(v1.order(2))
    }),
    v1.bill()
  ),
  "a callback": onSuccess(v1.order(1), v1.bill()),
  "the step behind a cleanup": chain(always(v1.order(1), ignoreInput(sum([1]))), v1.bill()),
  "the step behind what was passed on": chain(v1.order(1), passed, v1.bill()),
  "items that were passed on": chain(
    group(v1.order(1), v1.order(2)),
    map(passed, { concurrency: 1 }),
    map(v1.bill())
  ),
  "a fallback, with the input,": chain(
    v1.order(1),
    recover(refuse() as Refusing, { Odd: withInput(v1.amends()) })
  ),
  "a callback that begins with a pass": onSuccess(v1.order(1), chain(passed, v1.bill()))
}

for (const [what, workflow] of Object.entries(crossing)) {
  test(`${what} of a step that another version executed does not lose a field`, async () => {
    const { app, work, pass } = await scene()
    const before = executed.length
    // The newer one executes the first step; then only the older one is there.
    const newer = await work([v2.order, sum], hour)
    const run = await app.start(workflow)
    await pass(minute)
    await newer.drain()
    await work(tasks1, hour)
    await pass(10 * minute)
    const bills = () => executed.slice(before).filter(({ task: name }) => name === "bill")
    expect(bills()).toEqual([])
    await work(tasks2, hour)
    await pass(10 * minute)
    expect((await run.outcome())._tag).toBe("Succeeded")
    expect(bills().length).toBeGreaterThan(0)
    for (const { version, input } of bills()) {
      expect(version).toBe(2)
      expect(input).toMatchObject([{ currency: "EUR" }])
    }
  })
}

test("a step that a worker would go on with by itself is written out and handed on", async () => {
  const { app, work, pass } = await scene()
  await work([v1.label, v2.print], hour)
  const run = await app.start(chain(v1.label(1), v1.print()))
  await pass(minute)
  expect(await run.status()).toBe("running")
  await work([v1.print], hour)
  await pass(10 * minute)
  expect(await run.outcome()).toEqual({ _tag: "Succeeded", value: "order 1" })
  expect(executedOf(run.id).map(({ task: name, version }) => [name, version])).toEqual([
    ["label", 1],
    ["print", 1]
  ])
})

test("what a handler of another version puts in its place crosses, too", async () => {
  const { app, work, pass } = await scene()
  const Old = Schema.Struct({ price: Schema.Finite, name: Schema.String })
  const New = Schema.Struct({ ...Old.fields, currency: Schema.optionalKey(Schema.String) })
  const outer1 = task("deploy.outer", { input: [Schema.Finite], output: Old })
  const outer2 = task("deploy.outer", { input: [Schema.Finite], output: New }, (id) => v2.order(id))
  const newer = await work([outer2, v2.order], hour)
  const run = await app.start(chain(outer1(1), v1.bill()))
  await pass(minute)
  await newer.drain()
  await work(tasks1, hour)
  await pass(10 * minute)
  expect(executedOf(run.id).map(({ task: name }) => name)).toEqual(["order"])
  await work(tasks2, hour)
  await pass(10 * minute)
  expect(executedOf(run.id).at(-1)).toMatchObject({ version: 2, input: [{ currency: "EUR" }] })
})

test("nobody fits: it waits, seldom, and is a dead letter that names both versions and the field; redriven, it is executed", async () => {
  const { server, app, work, pass } = await scene()
  const lines: Array<string> = []
  await work(tasks1, { ...hour, print: (line: string) => lines.push(line) })
  const published: Array<string> = []
  server.onCall = ({ verb, subject }) => {
    if (verb === "publish" && subject.startsWith("memory.s.")) published.push(subject)
    return undefined
  }
  const workflow = chain(v2.order(7), ignoreInput(v2.print({ price: 7, title: "seven" })))
  const run = await app.start(workflow)
  await pass(30 * minute)
  expect(await run.status()).toBe("running")
  expect((await app.deadLetters.list()).letters).toEqual([])
  await pass(40 * minute)
  // Some twenty while the waits grow, then two or three a minute.
  expect(published.filter((subject) => subject.endsWith(".parked")).length).toBeLessThan(280)
  const outcome = await run.outcome()
  expect(outcome).toMatchObject({ _tag: "Crashed", name: "InvalidInput" })
  const { letters } = await app.deadLetters.list()
  expect(letters).toMatchObject([{ task: "deploy.print", attempt: 1, obstacle: undefined }])
  const { reason } = letters[0]!
  expect(reason).toContain(v1.print["~arpeggio"].fingerprint)
  expect(reason).toContain(v2.print["~arpeggio"].fingerprint)
  expect(reason).toContain("input[0].name")
  const told = lines.filter((line) => line.includes("come with another version of its contract"))
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(
    /^calls of deploy\.print come with another version of its contract \(.*input\[0\]\.name/
  )
  await work(tasks2)
  const again = await app.deadLetters.redrive(letters[0]!.id)
  await pass(5 * minute)
  expect(await app.attach(again.id, workflow).result()).toBe("seven")
})

test("each version is told once", async () => {
  const { app, work, pass } = await scene()
  const lines: Array<string> = []
  await work(tasks1, { ...hour, print: (line: string) => lines.push(line) })
  for (let calls = 0; calls < 3; calls++) {
    await app.start(v2.print({ price: 1, title: "a" }))
    await app.start(v2.two(1, 2, 3))
  }
  await pass(5 * minute)
  const told = lines.filter((line) => line.includes("come with another version"))
  expect(told.map((line) => /calls of (\S+)/.exec(line)?.[1]).toSorted()).toEqual([
    "deploy.print",
    "deploy.two"
  ])
})

test("it costs no attempt: a retried call keeps those it had", async () => {
  const { app, work, pass } = await scene()
  const contract = { output: Schema.Finite, retry: { times: 2, initial: "1 second" } } as const
  const old = { ...contract, input: [Schema.Struct({ a: Schema.Finite })] } as const
  const renamed = { ...contract, input: [Schema.Struct({ b: Schema.Finite })] } as const
  let failures = 2
  const mine = task("deploy.flaky", old, ({ a }) => {
    if (failures-- > 0) throw new Error("not yet")
    return a
  })
  const other = task("deploy.flaky", renamed, ({ b }) => b)
  await work([other], hour)
  const run = await app.start(mine({ a: 5 }))
  await pass(minute)
  await work([mine], hour)
  await pass(10 * minute)
  expect(await run.outcome()).toEqual({ _tag: "Succeeded", value: 5 })
})

test("a call of the same version whose arguments do not fit crashes at once, as ever", async () => {
  const { app, work, pass } = await scene()
  await work(tasks1, hour)
  const lying = chain(v1.short("a"), v1.bill() as never) as Some
  const run = await app.start(lying)
  await pass(1)
  expect(await run.outcome()).toMatchObject({ _tag: "Crashed", name: "InvalidInput" })
})

test("a reader with another version is told which side is older, and what to do", async () => {
  const { app, work, pass } = await scene()
  await work(tasks2, hour)
  const run = await app.start(v1.label(1))
  await pass(1)
  const error = await run.result().catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(InvalidResult)
  expect((error as InvalidResult).message).toMatch(
    /\.name should be present, but is missing\. deploy\.label was executed on worker \S+ with version \S+ of its contract, and this process has \S+\. Both processes were started at the same time: deploy one version/
  )
  const read = app.attach(run.id, v2.label(1))
  expect(await read.result()).toEqual({ price: 1, title: "order 1" })
})

test("a run that crossed no versions says what it always said", async () => {
  const { app, work, pass } = await scene()
  await work(tasks2, hour)
  const run = await app.start(v2.label(1))
  await pass(1)
  const error = app.attach(run.id, v1.label(1)).result()
  await expect(error).rejects.toThrow(
    "Attach with the workflow that was started, at the version that was started."
  )
})
