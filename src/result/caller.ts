/** The line of the user's program that asked, kept so that an error from another process points at it. */

/** Remembers who calls `below`; cheap until something fails. */
export const callerOf = (below: (...input: never) => unknown): { readonly stack?: string } => {
  const caller: { stack?: string } = {}
  Error.captureStackTrace(caller, below)
  return caller
}

/** Gives an error the caller's frames instead of those of the code that rebuilt it. */
export const pointAt = <E>(error: E, caller: { readonly stack?: string }): E => {
  if (!(error instanceof Error) || caller.stack === undefined) return error
  const frames = caller.stack.split("\n").slice(1).join("\n")
  const stack = `${error.name}: ${error.message}\n${frames}`
  Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true })
  return error
}
