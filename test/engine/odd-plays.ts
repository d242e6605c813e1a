/** Forms whose tasks answer differently every time, kill their worker, or come late. */
import { chain, chainOf } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { group } from "../../src/compose/group.ts"
import { ignoreInput } from "../../src/compose/ignore-input.ts"
import { map } from "../../src/compose/map.ts"
import { recover } from "../../src/compose/recover.ts"
import { settle } from "../../src/compose/settle.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { packMessage } from "../../src/encode/codec.ts"
import { fail, flaky, identity, range, record } from "../fixtures/tasks.ts"
import { referenceOf } from "../reference/tasks.ts"
import { everyPoint } from "./amount.ts"
import {
  poison,
  poisonStandIn,
  poisonWith,
  versions,
  wavering,
  withoutWorkers
} from "./odd-tasks.ts"
import { plays, playStandIns, playTasks } from "./plays.ts"
import { admittedBy, formOf, type Form } from "./points.ts"
import { deaf } from "./sabotage.ts"

type Which = keyof typeof wavering

const waveringTasks = [...playTasks, ...Object.values(wavering)]

/** Whatever the handler returns the first time it is heard, the second, or later. */
const waveringForm = (workflow: AnyWorkflow, which: Which): Form => ({
  workflow,
  tasks: waveringTasks,
  admitted: versions[which].flatMap((version) =>
    admittedBy(workflow, referenceOf(waveringTasks, { ...playStandIns, [`odd.${which}`]: version }))
  )
})

const besides = (which: Which): AnyWorkflow => chord([wavering[which](1), identity(2)], record())

/** Which of a handler's answers counts is decided once, and everything that follows agrees. */
export const waveringForms: { readonly [form: string]: Form } = {
  "another value": waveringForm(wavering.values(1), "values"),
  "another value in a chain": waveringForm(chain(wavering.values(1), record()), "values"),
  "another value in a chord": waveringForm(besides("values"), "values"),
  "another workflow": waveringForm(wavering.plans(1), "plans"),
  "another workflow in a chain": waveringForm(chain(wavering.plans(1), record()), "plans"),
  "another workflow in a chord": waveringForm(besides("plans"), "plans"),
  "an error, then a value": waveringForm(wavering.endings(1), "endings"),
  "an error, then a value, in a chord": waveringForm(besides("endings"), "endings"),
  "an error recovered, or a value": waveringForm(
    chain(recover(wavering.endings(1), { Expected: ignoreInput(identity(7)) }), record()),
    "endings"
  ),
  "a workflow, then a value": waveringForm(chain(wavering.kinds(1), record()), "kinds"),
  "a workflow, then a value, in a chord": waveringForm(besides("kinds"), "kinds")
}

const late = (workflow: AnyWorkflow): Form => formOf(workflow, playTasks, playStandIns)

/** A retry's timer fires when its scope, or its run, is over. */
export const lateForms: { readonly [form: string]: Form } = {
  "a timer that fires in a group recovered": late(
    chain(recover(group(flaky(2, 1), fail(2)), { Expected: ignoreInput(flaky(3, 7)) }), record())
  ),
  "a timer that fires in a map recovered": late(
    chain(
      range(2),
      recover(map(ignoreInput(group(flaky(1, 1), fail(2)))), {
        Expected: ignoreInput(flaky(2, 7))
      }),
      record()
    )
  ),
  "a timer of a failed run": late(group(flaky(2, 1), fail(2)))
}

/** Workers that never hear of a closed scope, so that nothing but the records stops what is inside. */
export const deafForms: { readonly [form: string]: Form } = Object.fromEntries(
  ["a chain beside a failure", "a nested chord that fails", "a map that fails"].map((name) => [
    name,
    { ...formOf(plays[name]!, playTasks, playStandIns), sabotage: deaf }
  ])
)

/** Workers that every execution costs their lives, until the call is moved to the dead letters. */
const poisoned = (workflow: AnyWorkflow): Form => ({
  workflow,
  tasks: (die) => [...playTasks, poisonWith(die)],
  admitted: admittedBy(
    workflow,
    referenceOf([...playTasks, poisonWith(() => {})], {
      ...playStandIns,
      "odd.poison": poisonStandIn
    })
  ),
  read: withoutWorkers,
  dead: 1
})

/** Something that was never a call, on the queue before the run. */
const strange = (body: Uint8Array): Form => ({
  ...formOf(chain(identity(1), record()), playTasks, playStandIns),
  besides: { subject: "memory.t.default.0.canvas/identity.app.k.strange.0._", body },
  dead: 1
})

const dead = { v: 1, kind: "dead", subject: "x", reason: "y", worker: "z", at: 0 } as const

export const strangeForms: { readonly [form: string]: Form } = {
  "a message nobody can read": strange(Buffer.from("\u0000 nothing of ours")),
  "a record that is no call": strange(packMessage(dead))
}

export const poisonedForms: { readonly [form: string]: Form } = {
  "a poisonous call": poisoned(poison(1)),
  ...(everyPoint && {
    "a poisonous step": poisoned(chain(identity(1), poison(), record())),
    "a poisonous member": poisoned(chord([poison(1), chain(identity(2), identity())], record()))
  }),
  "a poisonous member settled": poisoned(
    chainOf([group(settle(poison(1)), settle(identity(2))), record()])
  )
}
