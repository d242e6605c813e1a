/** The line of the user's program that asked, kept so that an error from another process points at it. */

/** Who asked; without a stack, the error is left as it is. */
export interface Caller {
  readonly stack?: string
}

/** A stack costs as much as the rest of a start: so many calls in one go remember theirs, and in a flood one a millisecond. */
const mostAtOnce = 16

let left = mostAtOnce
let moment = 0

/** Whoever awaits an answer stands below us in the stack of an error that is made while the answer is awaited. */
const whoeverAwaits: Caller = {
  get stack() {
    const awaiting: { stack?: string } = {}
    Error.captureStackTrace(awaiting, pointAt)
    const lines = awaiting.stack!.split("\n")
    const ours = lines.findLastIndex((line) => line.includes("Runs."))
    return ["", ...lines.slice(ours + 1)].join("\n")
  }
}

/** Remembers who calls `below`; cheap until something fails. */
export const callerOf = (below: (...input: never) => unknown): Caller => {
  const now = Date.now()
  left = Math.min(left + Math.abs(now - moment), mostAtOnce)
  moment = now
  if (left < 1) return whoeverAwaits
  left -= 1
  const caller: { stack?: string } = {}
  Error.captureStackTrace(caller, below)
  return caller
}

/** Gives an error the caller's frames instead of those of the code that rebuilt it. */
export const pointAt = <E>(error: E, caller: Caller): E => {
  if (!(error instanceof Error)) return error
  const asked = caller.stack
  if (asked === undefined) return error
  const frames = asked.split("\n").slice(1).join("\n")
  // A field of that name belongs to whoever declared the error.
  if (!Object.prototype.propertyIsEnumerable.call(error, "stack")) {
    const value = `${headline(error)}\n${frames}`
    Object.defineProperty(error, "stack", { value, configurable: true, writable: true })
  }
  Object.defineProperty(error, inspect, { value: shown, configurable: true, writable: true })
  return error
}

/** An error in one line; a declared error often has fields and no message. */
export const headline = (error: { readonly name: unknown; readonly message: unknown }): string =>
  [error.name, error.message].filter((word) => typeof word === "string" && word !== "").join(": ")

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
