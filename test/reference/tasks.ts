/** Tasks as the interpreter knows them: their own handlers, called at once and outside any worker. */
import type { AnyTask } from "../../src/define/task.ts"
import { isWorkflow } from "../../src/define/workflow.ts"
import type { Ending, Reference } from "./interpreter.ts"

/** Stand-ins for handlers that wait, by the name of their task. */
export type StandIns = { readonly [task: string]: (...input: ReadonlyArray<never>) => unknown }

export const referenceOf = (tasks: ReadonlyArray<AnyTask>, standIns: StandIns = {}): Reference => {
  const definitions = new Map(tasks.map((task) => [task.taskName, task["~arpeggio"]]))
  return (name, input): Ending => {
    const task = definitions.get(name)
    if (task?.handler === undefined) throw new Error(`the interpreter knows no task ${name}`)
    const handler = standIns[name] ?? task.handler
    try {
      const values = task.inputCodecs.map((codec, position) => codec.decode(input[position]))
      const returned: unknown = handler(...(values as Array<never>))
      if (returned instanceof Promise) throw new Error(`${name} waits: give it a stand-in`)
      if (isWorkflow(returned)) {
        const by = { output: task.outputCodec.decode, error: task.errorCodec.decode }
        return { replaced: returned["~arpeggio"].plan, by }
      }
      const value = task.outputCodec.encode(returned)
      return { value, read: task.outputCodec.decode(value) }
    } catch (thrown) {
      if (task.errorCodec.declares(thrown)) {
        const failed = task.errorCodec.encode(thrown)
        return { failed, read: task.errorCodec.decode(failed) }
      }
      const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown))
      return { crashed: { name, message } }
    }
  }
}
