/** Checks at run time what the compiler checks before: that what is composed are workflows, and of one set of tasks. */
import type { TaskDefinition } from "../define/definition.ts"
import { CompositionError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"
import { isWithInput } from "./with-input.ts"
import { type AnyWorkflow, isWorkflow, type TaskTable, workflowOf } from "../define/workflow.ts"
import type { PlanNode } from "../plan/table.ts"
import type { SleepNode } from "../plan/sleep.ts"

export const refuse = (message: string): never => {
  throw new CompositionError({ message })
}

/** The value as a workflow; `place` says where it stands, for example "chain's step 2". */
export const workflowAt = (value: unknown, place: string): AnyWorkflow => {
  if (isWorkflow(value)) return value
  if (typeof value === "function" && "taskName" in value) {
    const name = String(value.taskName)
    return refuse(
      `${place} is a task, not a call: write ${name}(…) with its arguments, or with all but the first`
    )
  }
  if (isWithInput(value)) {
    return refuse(
      `${place}: withInput(…) stands in recover, ifFailed or always, and is no workflow`
    )
  }
  if (isSleep(value)) return refuse(`${place}: ${sleepAlone}`)
  if (value instanceof Promise) {
    return refuse(`${place} is a promise, not a workflow: await it first`)
  }
  return refuse(
    `${place} is not a workflow but ${received(value)}: call a task, for example add(4, 2)`
  )
}

/** The workflow as a part of another one; what belongs on a whole run cannot stand on a part. */
export const partAt = (value: unknown, place: string): AnyWorkflow => {
  const workflow = workflowAt(value, place)
  const { start } = workflow["~arpeggio"]
  if (start === undefined) return workflow
  const names = Object.keys(start).join(" and ")
  return refuse(
    `${place} has a ${names} of its own, which belongs on the whole that is started: write chain(…).with({ ${Object.keys(start).join(", ")} }) around it`
  )
}

/** The plan of a part, whose nodes are of kinds that this release knows. */
export const planOf = (workflow: AnyWorkflow): PlanNode => workflow["~arpeggio"].plan as PlanNode

/** The workflow that a node is the plan of. */
export const composed = (
  node: PlanNode,
  tasks: TaskTable,
  named?: { readonly taskName: string }
): AnyWorkflow => workflowOf(Object.freeze(node), tasks, undefined, named)

/** The tasks that these workflows name together. */
export const tasksOf = (workflows: ReadonlyArray<AnyWorkflow>): TaskTable => {
  const tables = new Set(workflows.map((workflow) => workflow["~arpeggio"].tasks))
  const [only] = tables
  if (only !== undefined && tables.size === 1) return only
  const tasks = new Map<string, TaskDefinition>()
  for (const table of tables) {
    for (const [name, definition] of table) {
      const known = tasks.get(name)
      if (known === undefined) tasks.set(name, definition)
      else if (
        known.inputCodecs !== definition.inputCodecs &&
        known.fingerprint !== definition.fingerprint
      ) {
        refuse(`two tasks with different contracts are called ${name}: give one another name`)
      }
    }
  }
  return tasks
}

/** Where a sleep has its node. One for all copies of the library. */
export const sleepNode: unique symbol = Symbol.for("arpeggio/sleep")

/** Stands in a chain or a group, and is no workflow by itself. */
export interface Sleep {
  readonly [sleepNode]: SleepNode
}

export const sleepOf = (node: SleepNode): Sleep => Object.freeze({ [sleepNode]: node })

export const isSleep = (value: unknown): value is Sleep =>
  typeof value === "object" && value !== null && sleepNode in value

/** What is said of one where a workflow belongs. */
export type SleepAlone =
  "sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)"

export const sleepAlone: SleepAlone =
  "sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)"
