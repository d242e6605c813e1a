/**
 * How a handler failed, as data: with an error that its contract declares, or with whatever else was thrown; and why that
 * does not count as the declared error whose tag it has.
 */
import type { TaskDefinition } from "../define/definition.ts"
import type { Execution, Crashed } from "../engine/index.ts"
import { listsClassOf } from "../define/retry.ts"
import { declaredIn } from "../result/rejected.ts"
import { jsonText } from "../define/json-text.ts"
import type { Crash } from "../encode/thrown.ts"
import { thrownOf, settledTask } from "./thrown.ts"
import { shorten, received } from "../define/describe-value.ts"
import type { ErrorClass } from "../define/error-codec.ts"
import { Misfit } from "../define/schema-mismatch.ts"

/** `besides`: what failed at the same time, in parallel parts of an Effect. */
export const failed = (
  task: TaskDefinition,
  error: unknown,
  besides: ReadonlyArray<unknown> = []
): Execution => {
  const listed = listsClassOf(task.retry, error) ? { listed: true as const } : {}
  let value = error
  try {
    // What a run inside a handler rejected with is thrown on as the value that it was.
    value = declaredIn(error)
    return task.errorCodec.declares(value)
      ? { as: "failed", text: jsonText(task.errorCodec.encode(value)) }
      : { ...crashed(error, besides, hintOf(task, value)), ...listed }
  } catch (cause) {
    return { ...crashed(error, besides, hintOf(task, value, cause)), ...listed }
  }
}

/** Anything can be thrown: whatever cannot even be looked at is told in words of our own. */
export const crashed = (
  thrown: unknown,
  besides: ReadonlyArray<unknown> = [],
  hint?: string
): Crashed => {
  let crash: Crash = { name: "Thrown", message: "something that cannot be put into words" }
  try {
    crash = thrownOf(thrown, besides)
    if (hint !== undefined) crash = { ...crash, hint }
  } catch {
    // The words above stay.
  }
  return { as: "crashed", text: JSON.stringify(crash) }
}

/** `undefined` when there is nothing to say of it. `cause`: why it could not be turned into JSON. */
export const hintOf = (
  task: TaskDefinition,
  error: unknown,
  cause?: unknown
): string | undefined => {
  try {
    return hint(task, error, cause)
  } catch {
    return undefined
  }
}

const hint = (task: TaskDefinition, error: unknown, cause: unknown): string | undefined => {
  if (typeof error !== "object" || error === null || !("_tag" in error)) return undefined
  const { name, errorCodec } = task
  const tag = String(error._tag)
  if (!errorCodec.tags.has(tag)) {
    const settled = settledTask(error)
    if (settled !== undefined) {
      return `${name} threw the outcome of ${shorten(settled)}: mend what went wrong there.`
    }
    // An Error is told to be declared; some are our own, and say what to do themselves.
    if (error instanceof Error || errorCodec.tags.size === 0) return undefined
    const tags = shorten([...errorCodec.tags].join(", "))
    return `If this is expected, throw an error that the contract declares (${tags}), or declare ${shorten(tag)} in the contract's errors; otherwise mend the handler.`
  }
  const declared = errorCodec.classOf(tag)
  const isOne = declared === undefined || isInstance(error, declared)
  const why = cause ?? misfitOf(task, error)
  if (isOne) return `${name} declares ${tag}, and this is one, but ${fieldIn(why)}. ${fits}`
  const prototype: unknown = Object.getPrototypeOf(error)
  if (prototype === Object.prototype || prototype === null) {
    return `${name} declares ${tag}, but this is a plain object with that _tag and no instance of ${declared.name}: throw new ${declared.name}({ … }).`
  }
  const made: unknown = error.constructor?.name
  const own = typeof made === "string" && made !== "" ? made : "another class"
  const but = why === undefined ? "" : `, and does not fit it (${fieldIn(why)})`
  return own === declared.name
    ? `${name} declares ${tag}, but this is an instance of another class that is called ${own} too${but}: the module that defines it may be loaded twice, in two versions, or two modules use the same _tag. Throw the one that the contract lists.`
    : `${name} declares ${tag} as ${declared.name}, but this is an instance of ${own}, another class with the same _tag${but}: throw ${declared.name}, or give ${own} a _tag of its own and declare it, too.`
}

const fits = "Throw it with fields that fit its schema, or widen the schema."

const isInstance = (error: object, declared: ErrorClass): boolean => error instanceof declared

const misfitOf = (task: TaskDefinition, error: unknown): unknown => {
  try {
    task.errorCodec.encode(error)
    return undefined
  } catch (cause) {
    return cause
  }
}

const fieldIn = (cause: unknown): string => {
  if (cause instanceof Misfit) {
    const field = cause.path === "" ? "it" : cause.path.replace(/^\./, "")
    return cause.received === "missing" && cause.expected === "present"
      ? `${field} is missing`
      : `${field} should be ${cause.expected}, and is ${cause.received}`
  }
  return cause === undefined
    ? "it does not fit its schema"
    : `it cannot be turned into JSON: ${received(cause)}`
}
