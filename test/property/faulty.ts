/** A random workflow under random faults, sometimes cancelled on the way: all of it follows from one seed. */
import fc from "fast-check"
import { seededRandom, type Random } from "../../src/testing/memory/random.ts"
import { play, type PlayCall, type PlayFault } from "../engine/play.ts"
import { cancelled, expectedOf, faults, wrongIn } from "../engine/points.ts"
import { encodeInput } from "../../src/plan/values.ts"
import { admissible } from "../reference/interpreter.ts"
import { referenceOf } from "../reference/tasks.ts"
import { type Sketch, sketches } from "./sketch.ts"
import { plainWorld, type World } from "./world.ts"

/** How many faults a run must survive at most; the patience of a play is limited. */
const most = 6

/** One run in so many is cancelled at a random moment, if it lasts until then. */
const oneIn = 8

/** How often each fault was injected, runs were cancelled, and how many calls of workers there were to fail. */
export type Injected = Map<string, number>

const note = (injected: Injected, what: string, times = 1): void =>
  void injected.set(what, (injected.get(what) ?? 0) + times)

const randomFaults = (random: Random, injected: Injected) => {
  let left = most
  return ({ verb }: PlayCall): PlayFault | undefined => {
    // A worker that cannot even begin is another test.
    if (verb === "consume" || verb === "listen") return undefined
    if (left === 0 || random() > 0.05) return undefined
    const fault = faults[Math.floor(random() * faults.length)]!
    left--
    note(injected, fault)
    return fault
  }
}

/** What is wrong with a sketch under the faults of a seed, or `undefined`. */
export const disagreement = async (
  sketch: Sketch,
  seed: number,
  injected: Injected = new Map(),
  { tasks, standIns, input, workflowOf }: World = plainWorld
): Promise<string | undefined> => {
  const random = seededRandom(seed)
  const workflow = workflowOf(sketch)
  const reference = referenceOf(tasks, standIns)
  const expected = expectedOf(
    admissible(workflow["~arpeggio"].plan, encodeInput(workflow, input), reference)
  )
  const moment = random() * oneIn < 1 ? 1 + Math.floor(random() * 60) : undefined
  const form = {
    workflow,
    input,
    tasks,
    seed,
    crashes: most + 2,
    ...(moment === undefined ? {} : { cancelAt: ({ at }: PlayCall) => at >= moment }),
    ...expected,
    admitted: [...expected.admitted, ...(moment === undefined ? [] : [cancelled])]
  }
  const played = await play({ ...form, faultAt: randomFaults(random, injected) })
  note(injected, "calls", played.calls.length)
  for (const count of played.callbacks.values()) note(injected, "callbacks", count)
  if (played.answer !== undefined) note(injected, `answered ${played.answer}`)
  const wrong = wrongIn(form, played)
  return wrong === undefined
    ? undefined
    : `seed ${seed}: ${wrong}; admitted: ${form.admitted.join(" or ")}\n${JSON.stringify(sketch)}\n${played.story}`
}

/** The workflow of a seed. */
export const sketchOf = (seed: number): Sketch => fc.sample(sketches, { seed, numRuns: 1 })[0]!
