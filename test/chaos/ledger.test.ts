/** What the ledger says of repeated executions: each is either explained by what the storm did, or it is not. */
import { expect, test } from "vitest"
import { executionsOf, repeatsOf, type Entry, type Harm } from "./ledger.ts"

let executions = 0
const began = (pid: number, at: number, id = "1"): ReadonlyArray<Entry> => [
  { event: "began", run: "run", id, task: "task", pid, at, execution: ++executions, attempt: 1 }
]
const done = (pid: number, from: number, to: number, id = "1"): ReadonlyArray<Entry> => [
  ...began(pid, from, id),
  { event: "ended", run: "run", id, task: "task", pid, at: to, execution: executions },
  { event: "committed", run: "run", id, task: "task", pid, at: to + 2 }
]
const nothing: Harm = { killed: new Set(), stops: [], outages: [] }
const repeats = (ledger: ReadonlyArray<Entry>, harm: Partial<Harm>) =>
  repeatsOf(executionsOf(ledger), { ...nothing, ...harm })

test("a step that was executed once is no repeat", () => {
  const found = repeats([...done(1, 0, 5), ...done(1, 0, 5, "2")], {})
  expect(found).toMatchObject({ executions: 2, steps: 2, extra: 0, allowed: 0, unexplained: [] })
})

test("a repeat that nothing explains is found", () => {
  const found = repeats([...done(1, 0, 5), ...done(2, 10, 15)], {})
  expect(found).toMatchObject({ extra: 1, allowed: 0, fenced: 1 })
  expect(found.unexplained).toHaveLength(1)
})

test("a kill explains one repeat of what was under way, and no second", () => {
  const harm = { killed: new Set([1]) }
  expect(repeats([...began(1, 0), ...done(2, 10, 15)], harm)).toMatchObject({
    extra: 1,
    allowed: 1,
    unexplained: []
  })
  const twice = repeats([...began(1, 0), ...done(2, 10, 15), ...done(3, 20, 25)], harm)
  expect(twice.unexplained).toHaveLength(1)
})

test("a kill does not explain a repeat of what was stored before", () => {
  const found = repeats([...done(1, 0, 5), ...done(2, 10, 15)], { killed: new Set([1]) })
  expect(found.unexplained).toHaveLength(1)
})

test("a stop explains what was under way and what begins right after, in that process alone", () => {
  const stops = [{ pid: 1, from: 3, to: 3_000 }]
  const zombie = repeats([...done(1, 0, 3_001), ...done(2, 2_500, 2_505)], { stops })
  expect(zombie).toMatchObject({ extra: 1, allowed: 1, unexplained: [] })
  const late = repeats([...done(2, 2_500, 2_505), ...done(1, 3_010, 3_015)], { stops })
  expect(late).toMatchObject({ extra: 1, allowed: 1, unexplained: [] })
  const other = repeats([...done(2, 2_500, 2_505), ...done(3, 3_010, 3_015)], { stops })
  expect(other.unexplained).toHaveLength(1)
})

test("a stop explains a repeat of what had ended and was not stored yet", () => {
  const stops = [{ pid: 1, from: 6, to: 3_000 }]
  const found = repeats([...done(1, 0, 5), ...done(2, 2_500, 2_505)], { stops })
  expect(found).toMatchObject({ extra: 1, allowed: 0, uncommitted: 1, unexplained: [] })
})

test("an outage explains what was not stored when it began", () => {
  const outages = [{ from: 10, to: 500 }]
  const under = repeats([...done(1, 5, 600), ...done(1, 510, 520)], { outages })
  expect(under).toMatchObject({ extra: 1, unexplained: [] })
  const before = repeats([...done(1, 0, 5), ...done(1, 510, 520)], { outages })
  expect(before.unexplained).toHaveLength(1)
})

test("what was sent into the broker's last moments may be there twice when it is back", () => {
  const outages = [{ from: 0, to: 1_000 }]
  const soon = repeats([...done(1, 1_300, 1_306), ...done(2, 1_320, 1_324)], { outages })
  expect(soon).toMatchObject({ extra: 1, allowed: 0, unexplained: [] })
  const late = repeats([...done(1, 2_300, 2_306), ...done(2, 2_320, 2_324)], { outages })
  expect(late.unexplained).toHaveLength(1)
})

test("a process that wakes while the broker is away begins what it was given when the broker is back", () => {
  const stops = [{ pid: 1, from: 3, to: 3_000 }]
  const outages = [{ from: 2_900, to: 4_500 }]
  const ledger = [...done(2, 2_500, 2_505), ...done(1, 4_700, 4_705)]
  expect(repeats(ledger, { stops, outages }).unexplained).toEqual([])
  expect(repeats(ledger, { stops }).unexplained).toHaveLength(1)
})
