/** Two sets of tasks that a sketch can be made a workflow of: over plain JSON, and over values of many schemas. */
import type { Json } from "../../src/define/plan.ts"
import type { AnyTask } from "../../src/define/task.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import type { StandIns } from "../reference/tasks.ts"
import { workflowOf } from "./build.ts"
import { richWorkflowOf } from "./rich-build.ts"
import { richTasks } from "./rich-tasks.ts"
import type { Sketch } from "./sketch.ts"
import { randomStandIns, randomTasks } from "./tasks.ts"

export interface World {
  readonly tasks: ReadonlyArray<AnyTask>
  readonly standIns: StandIns
  readonly input: Json
  readonly workflowOf: (sketch: Sketch) => AnyWorkflow
}

export const plainWorld: World = {
  tasks: randomTasks,
  standIns: randomStandIns,
  input: 5,
  workflowOf: (sketch) => workflowOf(sketch, "number").workflow
}

/** Every branch has a schema of its own: what is read by another's loses fields, or becomes something else. */
export const richWorld: World = {
  tasks: richTasks,
  standIns: {},
  input: 5,
  workflowOf: (sketch) => richWorkflowOf(sketch)
}
