/** Which tasks a test was given: what only others could do is refused at once, as there are no others. */
import type { TaskDefinition } from "../define/definition.ts"
import { type AnyWorkflow, isWorkflow } from "../define/workflow.ts"

/** What is wrong with a workflow, if anything is. */
export type Refuses = (workflow: AnyWorkflow) => string | undefined

/** Refuses workflows with tasks that nobody does, as long as nobody else could be there to do them. */
export const refusing =
  (given: ReadonlyMap<string, TaskDefinition>, isAlone: () => boolean): Refuses =>
  (workflow) => {
    if (!isWorkflow(workflow) || !isAlone()) return undefined
    const missing = [...workflow["~arpeggio"].tasks.keys()].filter((name) => !given.has(name))
    return missing.length === 0 ? undefined : notGiven(missing)
  }

export const notGiven = (names: ReadonlyArray<string>): string =>
  names.length === 1
    ? `${names[0]} was not given to testApp, so nobody would do it: add it, or a fake of it, implement(task, fake)`
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} were not given to testApp, so nobody would do them: add them, or fakes of them, implement(task, fake)`
