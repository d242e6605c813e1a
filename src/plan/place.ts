/** Reads parts of a value, and says of which part something is wrong. */
import { Misfit } from "../define/schema-mismatch.ts"
import { received } from "../define/describe-value.ts"

export const arrayIn = (json: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(json)) return json
  throw new Misfit("", "an array", received(json))
}

/** Puts the place in front of what went wrong there. */
export const within = <A>(place: string, read: () => A): A => {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw cause.at(place)
  }
}
