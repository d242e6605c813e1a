/** The option by which all of several are waited for, where one fails. */
import { received } from "../define/describe-value.ts"
import { refuse } from "./members.ts"

/** The option where it is given. Throws a `CompositionError` for another one, and for another value of it. */
export const waitOf = (name: string, options: object): { readonly wait: "all" } => {
  const stranger = Object.keys(options).find((key) => key !== "wait")
  if (stranger !== undefined) {
    return refuse(`${name} has no option ${stranger}: behind its members there is { wait: "all" }`)
  }
  const wait = "wait" in options ? options.wait : undefined
  return wait === "all"
    ? { wait }
    : refuse(`${name}'s wait is "all", or left out, not ${received(wait)}`)
}
