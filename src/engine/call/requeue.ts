/** Gives a call back that is not executed here after all, so that its next delivery is a first one again. */
import { newToken } from "../../encode/ids.ts"
import { packMessage } from "../../encode/codec.ts"
import type { Delivery } from "../../broker/broker.ts"
import type { Context } from "../context.ts"
import { saidAgain } from "../sender.ts"
import { asTaken } from "./body-as-taken.ts"
import type { Job } from "./job.ts"
import { known } from "./park.ts"

/**
 * Sends the call again and lets go of this one: a second delivery would look as if the first had cost a worker its life.
 * It is marked, so that whoever gets it looks whether it was executed before. `job`: the call, where it was begun here.
 */
export const requeue = async (
  { broker, records }: Context,
  delivery: Delivery,
  job?: Job
): Promise<void> => {
  const { subject } = delivery
  const given =
    job === undefined
      ? saidAgain(delivery.body)
      : packMessage({ ...known(job.message), again: true }, job.slots)
  // One of its own each time: what was given back may be given back again in the millisecond in which it was stored.
  const id = `${newToken()}.back`
  await records.refitting(async () => {
    const body = await asTaken(records, subject, given)
    await broker.publish({ subject, body, id })
  })
  delivery.ack()
}
