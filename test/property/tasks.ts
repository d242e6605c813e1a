/** Total functions over plain JSON, so that random workflows of them are well typed wherever they stand. */
import { createHash } from "node:crypto"
import * as Schema from "effect/Schema"
import { chain } from "../../src/compose/chain.ts"
import { pass } from "../../src/compose/pass.ts"
import { step } from "../../src/define/context.ts"
import { task } from "../../src/define/task.ts"
import type { AnyTask } from "../../src/define/task.ts"
import type { Json } from "../../src/define/plan.ts"
import { decodeWorkflow } from "../../src/encode/workflow.ts"
import { note } from "../fixtures/ledger.ts"
import { Expected, Numbers, Other } from "../fixtures/tasks.ts"
import { canonical } from "../reference/outcome.ts"
import type { StandIns } from "../reference/tasks.ts"

const { Finite, Json: AnyJson } = Schema
const errors = [Expected, Other] as const
const modulus = 1_000_003

/** Any value as a number; what differs from one execution to the next does not count. */
export const digest = task(
  "random.digest",
  { input: [AnyJson, Finite], output: Finite },
  (x, k) => {
    note(x, k)
    const hash = createHash("sha256").update(canonical(x)).digest().readUInt32BE(0)
    return (hash + k) % modulus
  }
)

export const plus = task("random.plus", { input: [Finite, Finite], output: Finite }, (x, k) => {
  note(x, k)
  return (x + k) % modulus
})

export const keep = task("random.keep", { input: [AnyJson], output: AnyJson }, (x) => {
  note(x)
  return x
})

/** Any value, as it is. */
export const passJson = pass(AnyJson)

export const total = task("random.total", { input: [Numbers], output: Finite }, (numbers) => {
  note(numbers)
  return numbers.reduce((sum, each) => (sum + each) % modulus, 0)
})

/** None to three numbers. */
export const spread = task(
  "random.spread",
  { input: [Finite, Finite], output: Numbers },
  (x, k) => {
    note(x, k)
    return Array.from({ length: (x + k) % 4 }, (_, at) => (x + at) % modulus)
  }
)

/** One number in two fails it, with one declared error or the other. */
export const picky = task(
  "random.picky",
  { input: [Finite, Finite], output: Finite, errors },
  (x, k) => {
    note(x, k)
    if ((x + k) % 4 === 0) throw new Expected({ reason: "picky", at: x })
    if ((x + k) % 4 === 1) throw new Other({ code: x })
    return x
  }
)

/** One number in four crashes it. */
export const shaky = task("random.shaky", { input: [Finite, Finite], output: Finite }, (x, k) => {
  note(x, k)
  if ((x + k) % 4 === 0) throw new TypeError(`shaken by ${x}`)
  return x
})

/** Fails for a while, then gives what it was given; a number in three needs no second attempt. */
export const flaky = task(
  "random.flaky",
  {
    input: [Finite, Finite],
    output: Finite,
    retry: { times: 3, initial: "10 millis", jitter: 0 }
  },
  (x, k) => {
    note(x, k)
    const { attempt } = step()
    if (attempt <= (x + k) % 3) throw new Error(`attempt ${attempt} fails`)
    return x
  }
)

/** What the interpreter, which knows no attempts, is told of the tasks that need several. */
export const randomStandIns: StandIns = { "random.flaky": (x: number) => x }

/** A callback of any kind. */
export const heard = task(
  "random.heard",
  { input: [AnyJson, Finite], output: Schema.Void },
  (what, k) => {
    note(what, k)
  }
)

/** Becomes the workflow in its text, over what it was given. */
export const become = task(
  "random.become",
  { input: [AnyJson, Schema.String], output: AnyJson, errors },
  (x, workflow) => {
    note(x, workflow)
    const next = decodeWorkflow<Json, Json, Expected | Other>(workflow, named)
    return chain(keep(x), next)
  }
)

export const randomTasks: ReadonlyArray<AnyTask> = [
  digest,
  plus,
  keep,
  total,
  spread,
  picky,
  shaky,
  flaky,
  heard,
  become
]

/** What a workflow may name. */
const named = [...randomTasks, passJson]
