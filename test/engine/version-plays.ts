/** Forms whose calls fit one of two workers: the other hands them on. */
import * as Schema from "effect/Schema"
import { chain } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { task } from "../../src/define/task.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { identity, record } from "../fixtures/tasks.ts"
import { everyPoint } from "./amount.ts"
import { playStandIns, playTasks } from "./plays.ts"
import { formOf, type Form } from "./points.ts"

const { Finite, Struct } = Schema

const Old = Struct({ price: Finite, name: Finite })
const New = Struct({ price: Finite, title: Finite })
const More = Struct({ price: Finite, name: Finite, more: Schema.optionalKey(Finite) })

const label = {
  older: task("version.label", { input: [Finite], output: Old }, (id) => ({ price: id, name: id })),
  newer: task("version.label", { input: [Finite], output: New }, (id) => ({ price: id, title: id }))
}
const print = {
  older: task("version.print", { input: [Old], output: Finite }, ({ name }) => name),
  newer: task("version.print", { input: [New], output: Finite }, ({ title }) => title)
}
const bill = {
  older: task("version.bill", { input: [Old], output: Finite }, ({ price }) => price),
  newer: task(
    "version.bill",
    { input: [More], output: Finite },
    ({ price, more = 0 }) => price + more
  )
}

const older = [...playTasks, label.older, print.older, bill.older]
const newer = [...playTasks, label.newer, print.newer, bill.newer]

/** The first worker is older, the second newer; what it comes to is what the version of the workflow comes to. */
const beside = (workflow: AnyWorkflow, version: "older" | "newer"): Form => ({
  ...formOf(workflow, version === "older" ? older : newer, playStandIns),
  tasks: (_, which) => (which === 1 ? older : newer)
})

export const versionForms: { readonly [form: string]: Form } = {
  "a call of the older version": beside(print.older({ price: 1, name: 2 }), "older"),
  "a call whose field the older one drops": beside(
    chain(bill.newer({ price: 1, name: 2, more: 5 }), record()),
    "newer"
  ),
  "a step behind one of either version": beside(
    chain(label.older(7), print.older(), record()),
    "older"
  ),
  ...(everyPoint && {
    "members of both versions": beside(
      chord(
        [print.older({ price: 1, name: 2 }), identity(3), bill.older({ price: 4, name: 5 })],
        record()
      ),
      "older"
    )
  })
}
