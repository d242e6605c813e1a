/** Sends a call to its queue: now, or by a timer that puts it there when it may begin. */
import type { CallNode } from "../define/plan.ts"
import { packMessage } from "../encode/codec.ts"
import type { CallMessage, ExpireMessage } from "../encode/message.ts"
import { normalLevel, systemSubject } from "../encode/subjects.ts"
import type { Published } from "../broker/broker.ts"
import { fenceOf, queueOf, type Position, type RunFacts } from "./flow/position.ts"
import type { Records } from "./records.ts"
import {
  argumentsOf,
  bodyOf,
  callMessage,
  commonOf,
  messageId,
  saidAgain,
  type Arguments,
  type Beginning,
  type Outgoing
} from "./sender.ts"
import { setTimer, stepTimer, type Timer } from "./timers.ts"
import type { Value } from "./value.ts"

/** Publishes a call, or sets the timer that does; neither when its scope has closed. */
export const sendCall = (
  records: Records,
  at: Position,
  input: Value,
  beginning: Beginning
): Promise<Published> =>
  records.refitting((again) =>
    send(records, at, input, again ? { ...beginning, again } : beginning)
  )

const send = (
  records: Records,
  at: Position,
  input: Value,
  beginning: Beginning
): Promise<Published> => {
  const { run, plan } = at.frame
  const node = plan[at.node]!.node as CallNode
  const publish = (given: Arguments): Promise<Published> => {
    const outgoing = callMessage(records.namespace, at, node, given, beginning)
    records.broker.know({ queue: queueOf(run, node), level: normalLevel })
    const { subject, message } = outgoing
    const unless = records.subject(run.address, fenceOf(at))
    if (message.times !== undefined)
      return sendTimed(records, run, outgoing, { ...beginning, unless })
    const id = messageId(run, message.step)
    const call = { subject, unless, id, body: bodyOf(outgoing), bodyAgain: saidAgain }
    return records.broker.publish(beginning.member === true ? { ...call, begins: "member" } : call)
  }
  const given = argumentsOf(records, run, node, input)
  return given instanceof Promise ? given.then(publish) : publish(given)
}

/** A call that says when it may begin, or by when it has to. What ends it in time is there before it is. */
const sendTimed = async (
  records: Records,
  run: RunFacts,
  outgoing: Outgoing<CallMessage>,
  { unless, member }: Pick<Beginning, "member"> & { readonly unless: string }
): Promise<Published> => {
  const { broker, namespace } = records
  const expiry = expiryOf(namespace, run, outgoing)
  if (expiry !== undefined) await setTimer(records, run.address, { ...expiry, unless })
  const begins = member === true ? ({ begins: "member" } as const) : {}
  const { subject, message } = outgoing
  const delay = delayOf(outgoing)
  if (delay !== undefined) {
    // Where it is due already, another sender's timer may have fired: what it put there has no id, and may be under way. What
    // fires is looked up before it is executed, so that a scope that has closed meanwhile is found then.
    const isDue = delay.time <= broker.now()
    return setTimer(records, run.address, { ...delay, ...begins, unless: isDue ? subject : unless })
  }
  const id = messageId(run, message.step)
  const body = bodyOf(outgoing)
  return broker.publish({ subject, unless, id, body, bodyAgain: saidAgain, ...begins })
}

/** The timer that puts a call on its queue when it may begin. A second sender sets the same. */
export const delayOf = (outgoing: Outgoing<CallMessage>): Timer | undefined => {
  const { subject, message } = outgoing
  const { due } = message.times ?? {}
  if (due === undefined) return undefined
  return {
    name: stepTimer(message.step, "delay"),
    time: due,
    target: subject,
    body: bodyOf(outgoing)
  }
}

/**
 * How long after its time a call is looked for that nobody has begun, in milliseconds: whoever is handed it meanwhile, by
 * whatever clock, finds by itself that it is too late.
 */
const expiredSince = 1_000

/** The timer by which a call ends that nobody begins in time. */
export const expiryOf = (
  namespace: string,
  run: RunFacts,
  { subject, message, slots }: Outgoing<CallMessage>
): Timer | undefined => {
  const { step, node, frame, planHash, task, fingerprint, times } = message
  if (times?.expires === undefined) return undefined
  const { expires } = times
  const expire: ExpireMessage = {
    ...commonOf(run),
    kind: "expire",
    step,
    node,
    ...(frame === undefined ? {} : { frame }),
    ...(planHash === undefined ? {} : { planHash }),
    task,
    fingerprint,
    call: subject,
    expires
  }
  const name = stepTimer(step, "expiry")
  return {
    name,
    time: expires + expiredSince,
    target: systemSubject(namespace, run.address, ...name.tokens),
    body: packMessage(expire, slots.slice(1))
  }
}
