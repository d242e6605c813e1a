/** What a worker does with a call of a task that it does not serve. */
import { inWords } from "../define/duration.ts"
import type { CallMessage } from "../encode/message.ts"
import type { Parcel } from "../encode/parcel.ts"
import type { SubjectParts } from "../encode/subjects.ts"
import type { Position } from "../engine/frame.ts"
import type { Delivery } from "../transport/broker.ts"
import { giveUp, type Giving } from "./give-up.ts"
import { park, parkedBody } from "./parker.ts"

/** Leaves the call to another worker, for as long as patience lasts. */
export const leave = async (
  options: Giving & { readonly patience: number },
  delivery: Delivery,
  at: Position,
  parts: SubjectParts,
  { message, slots }: Parcel<CallMessage>
): Promise<void> => {
  const { engine, log, patience } = options
  const now = engine.broker.now()
  // A call that was handed out before was in the hands of a worker that knows it.
  const parkedAt = delivery.deliveries > 1 ? now : (message.parkedAt ?? now)
  const since = Math.min(parkedAt, now)
  const until = since + patience
  if (until <= now) {
    const words = `no worker that serves ${message.task} took it from queue "${parts.queue}" within ${inWords(patience)}: start one with this task in its serve([…]), then redrive the dead letter`
    return giveUp(options, delivery, at, message, { name: "UnknownTask", message: words })
  }
  const body = parkedBody(message, slots, since)
  const name = [message.step, "parked"] as const
  const wait = await park(engine, delivery, parts, {
    name,
    parked: message.parked ?? 0,
    until,
    body
  })
  log.parked(message.task, "this worker does not serve it", wait)
}
