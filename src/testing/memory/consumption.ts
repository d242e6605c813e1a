/** One process's pull from a lane of the memory server. */
import type { Consumption, Delivery } from "../../broker/broker.ts"
import type { Timekeeper } from "./clock.ts"
import type { MemoryLane, Taker } from "./lane.ts"
import type { Link } from "./faulty-link.ts"
import type { MemoryRecord } from "./records.ts"
import type { MemoryStore } from "./store.ts"
import type { Turns } from "./scheduler.ts"

export interface MemoryConsumption extends Consumption {
  /** The process is gone: the lane hands it nothing more. */
  leave(): void
}

export const consumption = (options: {
  readonly link: Link
  readonly lane: MemoryLane
  readonly store: MemoryStore
  readonly turns: Turns
  readonly clock: Timekeeper
  readonly deliver: (delivery: Delivery) => void
  readonly spare: ((delivery: Delivery) => void) | undefined
}): MemoryConsumption => {
  const { link, lane, store, clock } = options
  const arrivals = options.turns.track()
  let stopped: Promise<void> | undefined

  const delivery = (record: MemoryRecord, deliveries: number): Delivery => ({
    subject: record.subject,
    body: new Uint8Array(record.body),
    at: record.at,
    deliveries,
    fired: record.timer !== undefined,
    timer: record.timer,
    // Neither is fenced, as on the real server: whoever held the call last year may still do both.
    ack: () => link.tell("ack", record.subject, () => store.remove(record)),
    extend: () => link.tell("extend", record.subject, () => lane.extend(record), clock.moving),
    release: () => link.tell("release", record.subject, () => lane.again(record))
  })
  const taker: Taker = {
    credit: 0,
    waits: false,
    receive: (record, deliveries) =>
      link.arrive(arrivals, {
        verb: "deliver",
        subject: record.subject,
        effect: () => {
          const hand = stopped === undefined ? options.deliver : (options.spare ?? options.deliver)
          hand(delivery(record, deliveries))
        },
        again: () => lane.again(record)
      })
  }
  return {
    leave: () => lane.leave(taker),
    state: () => ({
      open: taker.credit,
      pulledAt: clock.now(),
      ...(stopped === undefined ? {} : { problem: "it was stopped" })
    }),
    pull: (slots) => {
      if (stopped !== undefined || link.state !== "open" || !(slots > 0)) return
      link.send(() => {
        if (link.state === "open") lane.pull(taker, slots)
      })
    },
    stop: () => {
      stopped ??= new Promise((resolve) => {
        if (link.state === "closed") return resolve()
        link.send(() => {
          lane.leave(taker)
          // Behind what is on its way already, so that nothing arrives once this has resolved.
          options.turns.later(() => {
            if (link.state !== "crashed") resolve()
          }, arrivals)
        })
      })
      return stopped
    }
  }
}
