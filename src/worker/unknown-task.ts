/** What a worker does with a call of a task that it does not serve. */
import { inWords } from "../define/duration.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import type { SubjectParts } from "../encode/subjects.ts"
import type { Position } from "../engine/frame.ts"
import { stepTimer } from "../engine/timers.ts"
import type { Delivery } from "../transport/broker.ts"
import { giveUp, type Giving } from "./give-up.ts"
import { park, parkedBody } from "./parker.ts"
import type { PutBack, Strangers } from "./strangers.ts"

/** What leaving a call to another worker takes of this one. */
export interface Leaving extends Giving {
  /** How long a call waits for another worker, in milliseconds. */
  readonly patience: number
  readonly strangers: Strangers
}

/** Leaves the call to another worker, for as long as patience lasts. */
export const leave = async (
  options: Leaving,
  delivery: Delivery,
  at: Position,
  parts: SubjectParts,
  parcel: Parcel<CallMessage>
): Promise<void> => {
  const { task } = parcel.message
  const { queue } = parts
  if (options.unserved === true) {
    const message = `no worker took ${task} from queue "${queue}" within ${inWords(options.patience)}: start one whose tasks name that queue, or with queues: ["${queue}"], and redrive the dead letter; or redrive it to a queue that is served, with deadLetters.redrive(id, { queue })`
    return giveUp(options, delivery, at, parcel.message, { name: "UnservedQueue", message })
  }
  const left = await leaveOrGiveUp(options, delivery, at, parcel, {
    name: "UnknownTask",
    message: `no worker that serves ${task} took it from queue "${queue}" within ${inWords(options.patience)}: start one with this task in its serve([…]), then redrive the dead letter, with { queue } where the task has moved to another`
  })
  if (left === undefined) return
  options.log.parked(task, queue, left)
  const what = `calls of ${task}`
  const why = `this worker does not serve that task: start a worker that serves ${task}, with queues: ["${queue}"]`
  const afterwards = "to the queue that has the task now"
  options.strangers.putBack({ what, queue, why, afterwards }, left)
}

/** Sends the call back to its queue after a while; or gives it up, with these words, when patience is over. */
export const leaveOrGiveUp = async (
  options: Leaving,
  delivery: Delivery,
  at: Position,
  { message, slots }: Parcel<CallMessage>,
  crash: { readonly name: string; readonly message: string }
): Promise<PutBack | undefined> => {
  const { engine, patience } = options
  const now = engine.broker.now()
  // A call that was handed out before was in the hands of a worker that knows it.
  const parkedAt = delivery.deliveries > 1 ? now : (message.parkedAt ?? now)
  const since = Math.min(parkedAt, now)
  const until = since + patience
  if (until <= now) {
    await giveUp(options, delivery, at, message, crash)
    return undefined
  }
  const wait = await park(engine, delivery, at.frame.run.address, {
    name: stepTimer(message.step, "parked"),
    parked: message.parked ?? 0,
    until,
    body: parkedBody(message, slots, since)
  })
  return { since, wait, patience }
}
