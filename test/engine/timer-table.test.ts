/** What timers there are: their subjects never change, each says what it means for its run, and the page on the engine tells of it. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import {
  holding,
  isRunTimer,
  keepingNothing,
  parkedSinceIn,
  parkedSinceName,
  runTimer,
  stepTimer,
  timerIn,
  timers,
  timerSubject,
  timersOfRun,
  waitingOfRun,
  waitingOfStep
} from "../../src/engine/timers.ts"

const address = { owner: "app", instance: "one", run: "0123456789" }
const subjectOf = (name: Parameters<typeof timerSubject>[2]): string =>
  timerSubject("shop", address, name)
/** `marks`: whether it ends with its run, and whether a call waits in it. */
const ofRun = (marks: string, node: string, index: string): string =>
  `shop.s._.${marks}.app.one.0123456789.${node}.${index}`

test("what each means stays what it is", () => {
  expect(timers).toEqual({
    retry: { of: "step", holdsCall: true, endsWithRun: true },
    parked: { of: "step", holdsCall: true, endsWithRun: false },
    delay: { of: "step", holdsCall: true, endsWithRun: true },
    sleep: { of: "step", holdsCall: true, endsWithRun: true },
    expiry: { of: "step", holdsCall: false, endsWithRun: true },
    deadline: { of: "run", holdsCall: false, endsWithRun: true },
    collect: { of: "run", holdsCall: false, endsWithRun: false },
    tick: { of: "schedule", holdsCall: false, endsWithRun: false }
  })
})

test("subjects stay what they are", () => {
  expect(subjectOf(stepTimer("2", "retry"))).toBe(ofRun("e.w", "2", "retry"))
  expect(subjectOf(stepTimer("2", "parked"))).toBe(ofRun("_.w", "2", "parked"))
  expect(subjectOf(stepTimer("2", "delay"))).toBe(ofRun("e.w", "2", "delay"))
  expect(subjectOf(stepTimer("2", "sleep"))).toBe(ofRun("e.w", "2", "sleep"))
  expect(subjectOf(stepTimer("2", "expiry"))).toBe(ofRun("e._", "2", "expiry"))
  expect(subjectOf(runTimer("deadline"))).toBe(ofRun("e._", "deadline", "_"))
  expect(subjectOf(runTimer("collect"))).toBe(ofRun("_._", "collect", "_"))
  expect(subjectOf(runTimer("collect", "17"))).toBe(ofRun("_._", "collect", "17"))
  expect(subjectOf(waitingOfStep("2"))).toBe(ofRun("*.w", "2", "*"))
  expect(subjectOf(waitingOfRun)).toBe(ofRun("*.w", "*", "*"))
  expect(subjectOf(timersOfRun)).toBe(ofRun("*.*", "*", "*"))
})

test("what holds a call, and what keeps a run from being collected, follows from that", () => {
  expect(holding.map(([kind, name]) => [kind, subjectOf(name)])).toEqual([
    ["retry", ofRun("e.w", "*", "retry")],
    ["parked", ofRun("_.w", "*", "parked")],
    ["delay", ofRun("e.w", "*", "delay")],
    ["sleep", ofRun("e.w", "*", "sleep")]
  ])
  expect(keepingNothing.map(subjectOf)).toEqual([ofRun("_._", "collect", "*")])
  expect(Object.keys(timers).filter(isRunTimer)).toEqual(["deadline", "collect"])
})

test("each is known by its subject, and another is of a newer release", () => {
  expect(timerIn(ofRun("e.w", "2", "retry"))).toBe("retry")
  expect(timerIn(ofRun("_.w", "2", "parked"))).toBe("parked")
  expect(timerIn(ofRun("e._", "deadline", "_"))).toBe("deadline")
  expect(timerIn(ofRun("_._", "collect", "17"))).toBe("collect")
  expect(timerIn(ofRun("_._", "2", "nap"))).toBeUndefined()
  expect(timerIn(ofRun("_._", "signal", "_"))).toBeUndefined()
})

test("a name says since when a call is parked; what looks after a run holds no call of it", () => {
  const call = subjectOf(parkedSinceName("2", 1_795_000_000_000.5))
  const look = subjectOf(parkedSinceName("collect", 1_795_000_000_000))
  expect(timerIn(call)).toBe("parked")
  expect(timerIn(look)).toBe("collect")
  for (const subject of [call, look]) expect(parkedSinceIn(subject)).toBe(1_795_000_000_000)
  expect(parkedSinceIn(ofRun("_.w", "2", "parked"))).toBeUndefined()
  expect(parkedSinceIn(ofRun("_._", "collect", "17"))).toBeUndefined()
})

test("the page on the engine tells of each", () => {
  const page = readFileSync(new URL("../../docs/design/engine.md", import.meta.url), "utf8")
  const [, section] = page.split("## Timers that fire as they are set\n")
  const told = [...section!.split("\n## ")[0]!.matchAll(/^\| `(?:<step>\.)?([a-z]+)/gm)]
  expect(new Set(told.map(([, kind]) => kind))).toEqual(new Set(Object.keys(timers)))
})
