/** What a sketch says of time: calls that begin later, in time or too late, and sleeps around what is there. */
import { sleepOf } from "../../src/compose/members.ts"
import { chainOf } from "../../src/compose/chain.ts"
import { groupOf } from "../../src/compose/group.ts"
import type { Call } from "../../src/define/workflow.ts"
import type { AnyWorkflow } from "../../src/define/workflow.ts"
import { longAgo } from "../reference/interpreter.ts"
import type { CallTime, Sketch } from "./sketch.ts"

/** A call at the time that its sketch says. */
export const timed = (workflow: AnyWorkflow, time: CallTime): AnyWorkflow => {
  const call = workflow as Call<string, never, unknown, unknown>
  switch (time) {
    case "at once":
      return call
    case "later":
      return call.with({ delay: "50 millis" })
    case "in time":
      return call.with({ delay: "20 millis", expires: "365 days" })
    case "too late":
      return call.with({ expires: new Date(longAgo - 1) })
  }
}

/** A workflow with a sleep at one side of it. */
export const asleep = (
  of: AnyWorkflow,
  { where, time }: Extract<Sketch, { readonly kind: "sleep" }>
): AnyWorkflow => {
  const sleep = sleepOf({ kind: "sleep", for: time })
  if (where === "beside") return groupOf([of, sleep], "member")
  return chainOf(where === "before" ? [sleep, of] : [of, sleep])
}
