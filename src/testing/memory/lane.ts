/** One lane of the memory server: hands calls to whoever asked, and again when a lease runs out. */
import { bag } from "./fifo.ts"
import type { Timekeeper } from "./clock.ts"
import type { Random } from "./random.ts"
import type { MemoryRecord } from "./records.ts"

/** One process taking calls from the lane. */
export interface Taker {
  /** How many more calls it asked for. */
  credit: number
  /** It stands in the line already. */
  waits: boolean
  receive(record: MemoryRecord, deliveries: number): void
}

export interface MemoryLane {
  /** A call is there to be handed out for the first time. */
  offer(record: MemoryRecord): void
  /** The call's lease counts as run out. */
  again(record: MemoryRecord): void
  /** Begins a lease anew, whoever holds it. */
  extend(record: MemoryRecord): void
  pull(taker: Taker, slots: number): void
  leave(taker: Taker): void
  waiting(): number
  /** Another one whenever a call was handed out. */
  handed(): number
  /** The number of the last call that was handed out for the first time. */
  upTo(): number
}

export const memoryLane = (options: {
  readonly clock: Timekeeper
  readonly lease: number
  readonly random: Random | undefined
}): MemoryLane => {
  const { clock, random } = options
  const fresh = bag<MemoryRecord>(random)
  /** Handed out before anything fresh, as the real server does; with a seed they are mixed. */
  const returned = random === undefined ? bag<MemoryRecord>(undefined) : fresh
  const line = bag<Taker>(random)
  const takers = new Set<Taker>()
  /** Of all takers together. */
  let credit = 0
  let handed = 0
  let upTo = 0

  const nextCall = (): MemoryRecord | undefined => {
    for (;;) {
      const record = returned.take() ?? fresh.take()
      if (record === undefined || !record.removed) return record
    }
  }
  /** Only asked when there is credit: then somebody in the line has it. */
  const nextTaker = (): Taker => {
    for (;;) {
      const taker = line.take()!
      if (taker.credit > 0) return taker
      taker.waits = false
    }
  }
  const stand = (taker: Taker): void => {
    taker.waits = taker.credit > 0
    if (taker.waits) line.put(taker)
  }
  const hold = (record: MemoryRecord): void => {
    clock.cancel(record.lease)
    record.lease = clock.at(clock.now() + options.lease, () => again(record))
  }
  const handOut = (): void => {
    while (credit > 0) {
      const record = nextCall()
      if (record === undefined) return
      const taker = nextTaker()
      credit--
      taker.credit--
      stand(taker)
      record.deliveries++
      handed++
      upTo = Math.max(upTo, record.sequence)
      hold(record)
      taker.receive(record, record.deliveries)
    }
  }
  const again = (record: MemoryRecord): void => {
    if (record.removed || record.lease === undefined) return
    clock.cancel(record.lease)
    record.lease = undefined
    returned.put(record)
    handOut()
  }
  return {
    again,
    offer: (record) => {
      fresh.put(record)
      handOut()
    },
    extend: (record) => {
      if (!record.removed && record.lease !== undefined) hold(record)
    },
    pull: (taker, slots) => {
      takers.add(taker)
      taker.credit += slots
      credit += slots
      if (!taker.waits) stand(taker)
      handOut()
    },
    leave: (taker) => {
      takers.delete(taker)
      credit -= taker.credit
      taker.credit = 0
    },
    waiting: () => [...takers].filter((taker) => taker.credit > 0).length,
    handed: () => handed,
    upTo: () => upTo
  }
}
