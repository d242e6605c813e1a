/** How JSON is refused that is no plan. */
import { CompositionError } from "../define/failure.ts"
import { received } from "../define/received.ts"

export const refuse = (reason: string): never => {
  throw new CompositionError({ message: `a workflow cannot be decoded: ${reason}` })
}

export const list = (json: unknown): ReadonlyArray<unknown> =>
  Array.isArray(json) ? json : refuse(`a list is ${received(json)}`)
