/** The arguments of a call, fetched from where they are kept. */
import type { Soon } from "../../define/awaitable.ts"
import type { CallMessage } from "../../encode/message.ts"
import type { Reference } from "../../encode/value-ref.ts"
import { isFinal } from "../../broker/errors.ts"
import type { Engine } from "../context.ts"
import type { RunFacts } from "../flow/position.ts"
import { joinArguments } from "../value.ts"
import { crashText } from "../verdict.ts"
import type { Crashed } from "./execution.ts"
import type { Incoming } from "./job.ts"

/** The arguments as one list; or the crash of a call whose arguments cannot be had any more, or are too large. */
export const inputOf = (
  engine: Engine,
  { run, message, slots }: Incoming<CallMessage>
): Soon<string | Crashed> => {
  const { args, first, open } = message
  const given = slots[0] ?? "[]"
  return args === undefined && first === undefined
    ? given
    : inputElsewhere(engine, run, args ?? first!, args === undefined ? given : undefined, open)
}

/** Arguments, or the one among those that are given that arrived, from where they are kept. */
const inputElsewhere = async (
  { records }: Engine,
  run: RunFacts,
  reference: Reference,
  given: string | undefined,
  open: number | undefined
): Promise<string | Crashed> => {
  try {
    const value = await records.resolve(run.address, { reference })
    if (given === undefined) return value
    return joinArguments(value, given, open)
  } catch (cause) {
    if (!isFinal(cause)) throw cause
    return { as: "crashed", text: crashText("InputUnavailable", cause) }
  }
}
