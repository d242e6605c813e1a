/**
 * The kill points of a run: every call of every worker and everything that arrives there, with every fault that can
 * happen to it. Enumerated, so that what goes wrong once goes wrong again.
 */
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { expect } from "vitest"
import type { AnyTask } from "../../src/define/task.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { seededRandom } from "../../src/testing/memory/random.ts"
import { alike, type Fired, none, wrongAmong } from "../reference/fired.ts"
import { admissible, type Admitted, type Reference, stopped } from "../reference/interpreter.ts"
import { canonical, outcomeJson, outcomeRead } from "../reference/outcome.ts"
import { referenceOf, type StandIns } from "../reference/tasks.ts"
import { toldText } from "../reference/told.ts"
import { faults, type PointFault } from "./faults.ts"
import { play, type Play, type PlayCall, type Played } from "./play.ts"
import { golden } from "./requests.ts"
import { pointsOf, type Sample } from "./sample.ts"

export { differs, faults, type PointFault } from "./faults.ts"

/** A run with everything that may become of it. */
export interface Form extends Omit<Play, "faultAt"> {
  /** Canonical outcomes. */
  readonly admitted: ReadonlyArray<string>
  /** The callbacks that are started, by outcome. Default: none. */
  readonly fired?: ReadonlyMap<string, Fired>
  /** What the caller may be told, as decoded, by outcome. Default: what its JSON says. */
  readonly told?: ReadonlyMap<string, ReadonlyArray<string>>
  /** What of an outcome is compared. Default: all. */
  readonly read?: (outcome: string) => string
  /** How many dead letters it ends with. Default: none. */
  readonly dead?: number
}

/** The outcomes that the interpreter admits, with stand-ins for tasks that it does not know. */
export const admittedBy = (
  workflow: AnyWorkflow,
  reference: Reference,
  input: null | number = null
): ReadonlyArray<string> =>
  expectedOf(admissible(workflow["~arpeggio"].plan, input, reference)).admitted

/** What is admitted, and the callbacks of each; of a run that is cancelled some of them. */
export const expectedOf = ({ outcomes }: Admitted) => {
  const fired = new Map<string, Fired>()
  const told = new Map<string, Array<string>>()
  for (const outcome of outcomes) {
    const text = canonical(outcomeJson(outcome))
    const same = fired.get(text)
    fired.set(text, same === undefined ? outcome.fired : alike([{ fired: same }, outcome]))
    told.set(text, [...(told.get(text) ?? []), toldText(outcomeRead(outcome))])
  }
  const admitted = [...fired.keys()]
  return { admitted, told, fired: fired.set(cancelled, stopped(outcomes)) }
}

export const formOf = (
  workflow: AnyWorkflow,
  tasks: ReadonlyArray<AnyTask>,
  standIns: StandIns
): Form => {
  const { plan } = workflow["~arpeggio"]
  const expected = expectedOf(admissible(plan, null, referenceOf(tasks, standIns)))
  return { workflow, tasks, ...expected }
}

/** What is wrong with a play, if anything. */
export const wrongIn = (form: Form, played: Played): string | undefined => {
  const { outcome, stable, doubled, answer, executions, left, dead, callbacks } = played
  const { twice, repaired, told } = played
  if (outcome === undefined) return "it never ended"
  if (repaired.length > 0) return `it stood still: ${repaired.join()}`
  const compared = form.read?.(outcome) ?? outcome
  if (!form.admitted.includes(compared)) return `it came to ${outcome}`
  if (!stable) return "its outcome changed"
  const tellings = form.told?.get(compared)
  if (tellings === undefined ? told.plain !== outcome : !tellings.includes(told.rich)) {
    return `its outcome changed: the caller was told ${told.rich}, not ${tellings?.join(" or ") ?? outcome}`
  }
  if (doubled.length > 0) return `two outcomes at ${doubled.join(", ")}`
  if (answer !== undefined && !outcome.includes(`"_tag":"${answer}"`)) {
    return `whoever cancelled was told ${answer}, but it came to ${outcome}`
  }
  const bodies = executions.filter(({ task }) => task === "canvas.record")
  if (new Set(bodies.map(({ step }) => step)).size > 1) return "a second body"
  if (new Set(bodies.map(({ input }) => canonical(input))).size > 1) return "a second input"
  if (twice.length > 0) return `a hook that started two: ${twice.join(", ")}`
  const amiss = wrongAmong(form.fired?.get(compared) ?? none, callbacks)
  if (amiss !== undefined) return amiss
  if (left.length > 0) return `left behind: ${left.join(", ")}`
  if (dead.length !== (form.dead ?? 0)) return `${dead.length} dead letters`
  return undefined
}

/** One place where things go wrong. */
export interface Point {
  readonly at: number
  readonly fault: PointFault
}

const told = (points: ReadonlyArray<Point>, { calls }: Played): string =>
  points.length === 0
    ? "undisturbed"
    : points.map(({ at, fault }) => `${fault} at call ${at}, ${calls[at - 1]?.verb}`).join(" and ")

/** No single fault lets a step begin when its run is over; two may, and then its outcome counts for nothing. */
const begunLate = (points: ReadonlyArray<Point>, { afterwards }: Played): string | undefined =>
  points.length > 1 || afterwards.length === 0
    ? undefined
    : `step ${afterwards.join(", ")} began after the end`

/** Plays a form with faults at these points. */
export const playAt = async (
  form: Form,
  points: ReadonlyArray<Point>
): Promise<{ readonly played: Played; readonly wrong: string | undefined }> => {
  const played = await play({
    ...form,
    faultAt: ({ at }) => points.find((point) => point.at === at)?.fault
  })
  const wrong = wrongIn(form, played) ?? begunLate(points, played)
  return {
    played,
    wrong: wrong === undefined ? undefined : `${told(points, played)}: ${wrong}`
  }
}

const firsts = new WeakMap<Form, ReturnType<typeof playAt>>()

/** Without a seed, one play without a fault is as every other. */
const undisturbedOf = (form: Form): ReturnType<typeof playAt> => {
  const first = firsts.get(form) ?? playAt(form, [])
  firsts.set(form, first)
  return first
}

/** What a cancelled run comes to. */
export const cancelled: string = canonical({ _tag: "Cancelled", reason: "cancelled on request" })

export interface Enumerated {
  readonly plays: number
  /** What was asked of the broker in all of them, as one hash; nothing where `GOLDEN` is not set. */
  readonly requests: string
  /** The first that was wrong, with all that happened. */
  readonly wrong?: { readonly what: string; readonly story: string }
}

/** What of a form is played. */
export interface Extent {
  /** Default: all. */
  readonly which?: ReadonlyArray<PointFault>
  /** The first call that has a fault. Default: 1. */
  readonly from?: number
  /** What was played of other forms, which need not be played of this one, too. */
  readonly sample?: Sample | undefined
}

/** Plays the form undisturbed, then with every fault at every call, or a sample of both, up to the first play that is wrong. */
export const enumerate = async (
  form: Form,
  { which = faults, from = 1, sample }: Extent = {}
): Promise<Enumerated> => {
  const undisturbed = await undisturbedOf(form)
  if (undisturbed.wrong !== undefined) return ended(1, undisturbed)
  const asked = requestsOf(undisturbed.played)
  let plays = 1
  const calls = undisturbed.played.calls.slice(from - 1)
  for (const { call, possible } of pointsOf(calls, which, sample)) {
    for (const fault of possible) {
      plays++
      const one = await playAt(form, [{ at: call.at, fault }])
      if (one.wrong !== undefined) return ended(plays, one)
      asked.add(one.played)
    }
  }
  return { plays, requests: asked.hash() }
}

/** Plays the form with two faults, the second often while the first is made good; which ones a seed decides. */
export const enumeratePairs = async (
  form: Form,
  seed: number,
  pairs: number
): Promise<Enumerated> => {
  const random = seededRandom(seed)
  const some = (most: number): number => Math.floor(random() * most)
  const fault = (): PointFault => faults[some(faults.length)]!
  const { played } = await playAt(form, [])
  const { calls } = played
  const asked = requestsOf(played)
  for (let plays = 1; plays <= pairs; plays++) {
    const at = 1 + some(calls.length)
    const two = [
      { at, fault: fault() },
      { at: at + 1 + some(calls.length), fault: fault() }
    ]
    const one = await playAt(form, two)
    if (one.wrong !== undefined) return ended(plays, one)
    asked.add(one.played)
  }
  return { plays: pairs, requests: asked.hash() }
}

const ended = (
  plays: number,
  { played, wrong }: { readonly played: Played; readonly wrong: string | undefined }
): Enumerated => ({ plays, requests: "", wrong: { what: wrong!, story: played.story } })

/** All that was asked for in some plays, as `golden` wants it. */
const requestsOf = (first: Played) => {
  const text: Array<string> = []
  const add = ({ requests }: Played): void => {
    if (golden !== undefined) text.push(`${requests.join("\n")}\n`)
  }
  add(first)
  return {
    add,
    hash: (): string => {
      if (golden === undefined) return ""
      const { currentTestName = "" } = expect.getState()
      const name = `${currentTestName.replaceAll(/\W+/g, "-")}-${++files}`
      writeFileSync(`${golden}/${name}.txt`, text.join("\n----\n"))
      return createHash("sha256").update(text.join("")).digest("base64url").slice(0, 16)
    }
  }
}

let files = 0

/** The calls of a form's undisturbed play. */
export const callsOf = async (form: Form): Promise<ReadonlyArray<PlayCall>> =>
  (await undisturbedOf(form)).played.calls
