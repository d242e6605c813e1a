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
  const stack = `${headline(error)}\n${frames}`
  Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true })
  Object.defineProperty(error, inspect, { value: shown, configurable: true, writable: true })
  return error
}

/** An error in one line; a declared error often has fields and no message. */
export const headline = (error: { readonly name: string; readonly message: string }): string =>
  error.message === "" ? error.name : `${error.name}: ${error.message}`

const inspect = Symbol.for("nodejs.util.inspect.custom")

/** Effect's errors print as data, without their stack; `console.error(error)` must show where it came from. */
function shown(
  this: Error,
  _depth: number,
  options: object,
  print: (value: unknown, options: object) => string
): string {
  const { message: _message, stack: _stack, ...fields } = { ...this }
  return Object.keys(fields).length === 0 ? this.stack! : `${this.stack} ${print(fields, options)}`
}
