/** Reads the arguments of a call that was made with another version of a task's contract than this worker has. */
import type { TaskDefinition } from "../define/definition.ts"
import { InvalidInput } from "../define/errors.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import type { Foreign } from "../engine/index.ts"
import { differenceIn } from "./difference.ts"

/**
 * The arguments, when they mean the same in both versions: the schema takes them, and what it makes of them goes back to
 * the JSON that was sent. A field that it would drop in silence is for a worker that knows it.
 */
export const foreignArguments = (
  task: TaskDefinition,
  sent: ReadonlyArray<unknown>,
  decode: () => ReadonlyArray<unknown>
): ReadonlyArray<unknown> | Foreign => {
  try {
    const values = decode()
    for (const [at, codec] of task.inputCodecs.entries()) {
      const why = differenceIn(sent[at], codec.encode(values[at]), `input[${at}]`)
      if (why !== undefined) return { as: "foreign", why }
    }
    return values
  } catch (cause) {
    if (cause instanceof InvalidInput) return { as: "foreign", why: wordsOf(cause) }
    if (cause instanceof Misfit) return { as: "foreign", why: cause.message }
    throw cause
  }
}

const wordsOf = ({ task, path, expected, received }: InvalidInput): string =>
  path === "input"
    ? `${task} was sent ${received} arguments, but its contract has ${expected}`
    : `${task} was sent ${path} = ${received}, but its contract expects ${expected}`
