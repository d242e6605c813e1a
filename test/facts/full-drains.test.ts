/** Fact: an account that is full of work that was accepted drains as soon as workers run, with nothing raised and nothing removed. */
import * as Schema from "effect/Schema"
import { beforeAll, expect, test } from "vitest"
import { chain, group, ignoreInput, map, task } from "arpeggio"
import type { App, Run } from "arpeggio"
import { intervals } from "../../src/engine/run/run-timers.ts"
import { brokerForTest, serverForTest } from "../nats/fixture.ts"
import { clientAt, double, namespace, workerAt } from "./place.ts"

const account = `accounts { A { jetstream { max_mem: 1MB, max_file: 2MB }, users: [{ user: u, password: p }] } }\nno_auth_user: u`

/** Sooner than usual: what has ended is in the way of what has not begun. */
beforeAll(() => {
  const { collectSoon } = intervals
  intervals.collectSoon = 500
  return () => {
    intervals.collectSoon = collectSoon
  }
})

const members = (count: number) => Array.from({ length: count }, (_, at) => double(at))

const list = task("facts.list", { input: [], output: Schema.Array(Schema.Finite) }, () =>
  Array.from({ length: 20 }, (_, at) => at)
)

interface Shape {
  readonly what: string
  readonly workers: number
  readonly start: (app: App) => Promise<Run<unknown>>
  /** How many runs that are at least. */
  readonly runs: number
}

const shapes: ReadonlyArray<Shape> = [
  {
    what: "groups, with one worker",
    workers: 1,
    start: (app) => app.start(group(...members(20))),
    runs: 80
  },
  {
    what: "chords of groups with maps behind them, with two workers",
    workers: 2,
    start: (app) =>
      app.start(
        chain(
          group(group(...members(5)), group(...members(5))),
          ignoreInput(chain(list(), map(double())))
        )
      ),
    runs: 80
  },
  {
    what: "chains of steps, with one worker",
    workers: 1,
    start: (app) => app.start(chain(double(1), double(), double())),
    runs: 300
  }
]

for (const { what, workers, start, runs } of shapes) {
  test(`an account full of ${what}, drains`, async () => {
    const server = await serverForTest({ configuration: account })
    const app = await clientAt(server)
    // What is there already stays.
    const broker = await brokerForTest(server, {}, { namespace })
    for (let at = 0; at < 15; at += 1) {
      const subject = `${namespace}.v._._._.app.i1.filler.${at}._`
      await broker.publish({ subject, body: new Uint8Array(100_000) })
    }
    const accepted: Array<Run<unknown>> = []
    const fill = async (): Promise<void> => {
      for (;;) accepted.push(await start(app))
    }
    await expect(fill()).rejects.toMatchObject({ reason: "Full" })
    expect(accepted.length).toBeGreaterThan(runs)
    for (let worker = 0; worker < workers; worker += 1) await workerAt(server, [double, list])
    const outcomes = await Promise.all(accepted.map((run) => run.outcome()))
    expect(new Set(outcomes.map(({ _tag }) => _tag))).toEqual(new Set(["Succeeded"]))
  }, 60_000)
}
