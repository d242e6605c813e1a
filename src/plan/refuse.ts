/** How JSON is refused that is no plan. */
import { CompositionError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"

export const refuse = (reason: string): never => {
  throw new CompositionError({ message: `a workflow cannot be decoded: ${reason}` })
}

export const list = (json: unknown): ReadonlyArray<unknown> =>
  Array.isArray(json) ? json : refuse(`a list is ${received(json)}`)
