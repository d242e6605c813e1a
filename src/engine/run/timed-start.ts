/** A start whose first call says when it may begin, or by when it has to: by timers. */
import type { AnyNode } from "../../define/plan.ts"
import { ruleOf } from "../../plan/table.ts"
import { hasTimes } from "../../plan/timed.ts"
import type { Records } from "../records.ts"
import type { Position } from "../flow/position.ts"
import type { FirstMessage } from "./first-message.ts"
import type { Outgoing } from "../sender.ts"
import type { CallMessage } from "../../encode/message.ts"
import { expiryOf, delayOf } from "../send-call.ts"
import { timerPublication } from "../timers.ts"

/** Whether its first call says when it may begin, or by when it has to. */
export const isTimedStart = (plan: AnyNode): boolean => {
  let node = plan
  for (;;) {
    const begins = ruleOf(node).begin(node)
    if (begins.do === "call") return hasTimes(node)
    if (begins.do !== "first" || begins.keeps === true) return false
    node = ruleOf(node).children(node)[0]!.node
  }
}

/** The timer that puts the first call on its queue, and the one that ends it, as far as there are such. */
export const timedStart = (
  { broker, namespace }: Records,
  { frame: { run } }: Position,
  first: FirstMessage,
  outgoing: Outgoing<CallMessage>
): FirstMessage => {
  const expiry = expiryOf(namespace, run, outgoing)
  const before =
    expiry === undefined ? {} : { before: timerPublication(namespace, run.address, expiry) }
  const delay = delayOf(outgoing)
  if (delay === undefined || delay.time <= broker.now()) return { ...first, ...before }
  const { unless, bodyAgain } = first
  return { ...timerPublication(namespace, run.address, delay), unless, bodyAgain, ...before }
}
