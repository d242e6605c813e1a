/** The arguments of a call, fetched from where they are kept. */
import type { Soon } from "../../define/awaitable.ts"
import type { CallMessage } from "../../encode/message.ts"
import { isFinal } from "../../broker/errors.ts"
import type { Context } from "../context.ts"
import { joinArguments } from "../value.ts"
import { crashText } from "../verdict.ts"
import type { Crashed } from "./execution.ts"
import type { Incoming } from "./job.ts"

/** The arguments as one list; or the crash of a call whose arguments cannot be had any more, or are too large. */
export const inputOf = (engine: Context, call: Incoming<CallMessage>): Soon<string | Crashed> => {
  const { args, first } = call.message
  return args === undefined && first === undefined
    ? (call.slots[0] ?? "[]")
    : inputElsewhere(engine, call)
}

/** Arguments, or the one among those that are given that arrived, from where they are kept. */
const inputElsewhere = async (
  { records }: Context,
  { run, message, slots }: Incoming<CallMessage>
): Promise<string | Crashed> => {
  try {
    const { args, first, open } = message
    const value = await records.resolve(run.address, { reference: args ?? first! })
    return args === undefined ? joinArguments(value, slots[0] ?? "[]", open) : value
  } catch (cause) {
    if (!isFinal(cause)) throw cause
    return { as: "crashed", text: crashText("InputUnavailable", cause) }
  }
}
