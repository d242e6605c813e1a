/** Reads the arguments of a call, or says which of them does not fit its task's contract. */
import type { TaskDefinition } from "../define/definition.ts"
import { InvalidInput } from "../define/errors.ts"
import { OutOfBounds, parseJson } from "../define/json.ts"
import { Misfit } from "../define/schema-mismatch.ts"

/** The arguments in a JSON array, decoded. Throws `InvalidInput`. */
export const decodeArguments = (task: TaskDefinition, text: string): ReadonlyArray<unknown> => {
  const given = argumentsIn(task, text)
  if (given.length !== task.inputCodecs.length) {
    throw new InvalidInput({
      task: task.name,
      path: "input",
      expected: `${task.inputCodecs.length} arguments`,
      received: `${given.length}`,
      message: `${task.name} takes ${task.inputCodecs.length} arguments, but was sent ${given.length}: client and worker have different versions of its contract. Deploy the same one to both.`
    })
  }
  return task.inputCodecs.map((codec, at) => {
    try {
      return codec.decode(given[at])
    } catch (cause) {
      if (!(cause instanceof Misfit)) throw cause
      const path = `input[${at}]${cause.path}`
      throw new InvalidInput({
        task: task.name,
        path,
        expected: cause.expected,
        received: cause.received,
        message: `${task.name} was sent ${path} = ${cause.received}, but its contract expects ${cause.expected}.${cause.alsoAt(`input[${at}]`)} What came before returned something else than its type says, or client and worker have different versions of the contract.`
      })
    }
  })
}

/** What was sent, as JSON. Throws `InvalidInput` for what no version of the contract could read. */
export const argumentsIn = ({ name }: TaskDefinition, text: string): ReadonlyArray<unknown> => {
  try {
    return parseJson(text) as ReadonlyArray<unknown>
  } catch (cause) {
    if (!(cause instanceof OutOfBounds)) throw cause
    throw new InvalidInput({
      task: name,
      path: "input",
      expected: cause.message,
      received: `${text.length} characters of JSON`,
      message: `${name} was sent arguments that are beyond what may travel (${cause.message}, the list of all arguments included). Let the step before give less: flatter values, a sum of them, or a path to where they are.`
    })
  }
}
