/** Refuses what only JavaScript and an `any` can hand over, as the compiler would. */
import { workflowAt } from "../compose/members.ts"
import { type HowLong, millisecondsOf } from "../define/duration.ts"
import { ContractError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { keepWithin } from "../engine/index.ts"
import { type Caller, pointAt } from "../result/call-site.ts"

/** An owner that fits into one token of a subject. */
export const checkedOwner = (owner: string): string => {
  if (/^[A-Za-z0-9]{1,16}$/.test(owner)) return owner
  const message = `owner has 1 to 16 letters and digits only, for example "billing", not ${received(owner)}`
  throw new ContractError({ task: "", message })
}

/** How long outcomes are kept, in milliseconds. Zero is no time to keep anything, and what effect makes of `Duration.millis(NaN)`. */
export const checkedRetention = (retention: HowLong<string>): number => {
  const milliseconds = millisecondsOf("retention", retention)
  if (milliseconds > 0) return keepWithin(milliseconds)
  const message = `retention is a duration above zero, for example "1 hour", not ${received(retention)}: outcomes are kept for a second at least`
  throw new ContractError({ task: "", message })
}

/** A workflow; `place` says which argument it is. */
export const checkedWorkflow = (value: unknown, place: string, caller: Caller): AnyWorkflow => {
  try {
    return workflowAt(value, place)
  } catch (cause) {
    throw pointAt(cause, caller)
  }
}
