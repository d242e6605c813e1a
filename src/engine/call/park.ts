/** Sets aside what this worker cannot execute, for another worker later. */
import { randomInt } from "node:crypto"
import type { CallMessage } from "../../encode/message.ts"
import { packMessage } from "../../encode/codec.ts"
import type { Context } from "../context.ts"
import { parkedSinceIn, setTimer, type TimerName } from "../timers.ts"
import { asTaken } from "./body-as-taken.ts"
import type { Delivery } from "../../broker/broker.ts"
import type { RunAddress } from "../../encode/subjects.ts"

/** First wait before a call nobody here knows comes back, in milliseconds. */
const firstPatience = 250

/** The longest wait, in milliseconds. */
const longestPatience = 30_000

/** How much longer each wait is than the one before: with waits that doubled, a call that meets four wrong workers in turn would wait for a minute. */
const growth = 1.25

/** How a call is parked. */
export interface Parking {
  readonly name: TimerName
  /** How often it was parked before. */
  readonly parked: number
  /** When it is parked no more; epoch milliseconds, broker clock. */
  readonly until: number
  readonly body: Uint8Array
}

/** Sends a call back to its queue after a while, and only then lets go of it. */
export const park = async (
  engine: Context,
  delivery: Delivery,
  address: RunAddress,
  { name, parked, until, body }: Parking
): Promise<number> => {
  const longest = Math.min(firstPatience * growth ** Math.max(parked, 0), longestPatience)
  const now = engine.broker.now()
  const chosen = Math.round(longest / 2) + randomInt(Math.round(longest / 2))
  const wait = Math.max(1, Math.min(chosen, until - now))
  // One that it replaces as it fires puts the same call back.
  const { records } = engine
  await records.refitting(async () =>
    setTimer(records, address, {
      name,
      time: now + wait,
      target: delivery.subject,
      body: await asTaken(records, delivery.subject, body)
    })
  )
  delivery.ack()
  return wait
}

/** A call's body, with one more time parked. */
export const parkedBody = (
  message: CallMessage,
  slots: ReadonlyArray<string>,
  since: number
): Uint8Array =>
  packMessage({ ...message, parked: (message.parked ?? 0) + 1, parkedAt: since }, slots)

/** A message without what was said of it while no worker knew its task: one has begun to execute it. */
export const known = (message: CallMessage): CallMessage => {
  const { parked: _1, parkedAt: _2, ...rest } = message
  return rest
}

/** Since when a call is parked that was put back by such a timer as says so. */
export const parkedSince = ({ timer }: Delivery): number | undefined => parkedSinceIn(timer ?? "")
