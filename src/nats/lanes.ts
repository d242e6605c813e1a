/** Which lanes there are, and how each is doing: the server's list of durable consumers says both in one answer. */
import { consumerOf, laneOf } from "../encode/subjects.ts"
import type { Lane, LaneState } from "../broker/broker.ts"
import { after } from "../broker/time.ts"
import { consumerMissing } from "./error-codes.ts"
import { type Api, sound } from "./api.ts"
import type { ConsumerInfo, Consumers } from "./consumer.ts"
import type { Link } from "./connection.ts"

export interface Lanes {
  know(lane: Lane): void
  /** The lane has its consumer. */
  known(lane: Lane): void
  list(signal?: AbortSignal): Promise<ReadonlyArray<LaneState>>
}

interface Page {
  readonly total: number
  readonly consumers?: ReadonlyArray<ConsumerInfo> | null
}

/** How long one answer is waited for, in milliseconds: nothing depends on it. */
const patience = 5_000

/** What has failed is tried again after so long, in milliseconds. */
const again = 60_000

/** How many lanes one process makes known: names of queues could come from data. */
const most = 256

const none: Partial<Lane> = {}

export const makeLanes = (options: {
  readonly link: Link
  readonly api: Api
  readonly consumers: Consumers
  readonly stream: string
}): Lanes => {
  const { link, api, consumers, stream } = options
  const known = new Set<string>()
  let last: Partial<Lane> = none
  // The stream may have been made again, without them.
  link.onReconnect(() => {
    known.clear()
    last = none
  })

  const forget = (name: string): void => {
    known.delete(name)
    last = none
  }

  /** It is asked for first: most of the time it is there, and in a cluster a question costs much less than a creation. */
  const make = async (lane: Lane, name: string): Promise<void> => {
    const doing = `looking for the consumer ${name}`
    const info = await api<object>(`CONSUMER.INFO.${stream}.${name}`, {}, doing, { patience })
    if (info.error?.err_code === consumerMissing) await consumers.ensure(lane)
  }

  return {
    know: (lane) => {
      // With each call: its name is put together only where the queue is another than before.
      if (lane.queue === last.queue && lane.level === last.level) return
      const name = consumerOf(lane.queue, lane.level)
      if (known.has(name)) last = lane
      if (known.has(name) || known.size >= most) return
      known.add(name)
      // Who may not ask this, or finds nobody to answer, still starts its runs, and does not ask with each.
      make(lane, name).catch(() => void after(again, () => forget(name)))
    },
    known: ({ queue, level }) => void known.add(consumerOf(queue, level)),
    list: async (signal) => {
      const doing = `listing the consumers of ${stream}`
      const found: Array<LaneState> = []
      for (let offset = 0; ;) {
        const page = sound(
          doing,
          await api<Page>(`CONSUMER.LIST.${stream}`, { offset }, doing, { patience, signal })
        )
        const some = page.consumers ?? []
        for (const info of some) {
          const lane = laneOf(info.name)
          if (lane !== undefined) found.push({ ...lane, ...stateOf(info) })
        }
        offset += some.length
        if (some.length === 0 || offset >= page.total) return found
      }
    }
  }
}

const stateOf = (info: ConsumerInfo): Omit<LaneState, keyof Lane> => {
  const { num_pending, num_ack_pending, num_waiting, delivered, ack_floor } = info
  const moved = [delivered.last_active, ack_floor.last_active].flatMap((at) =>
    at === undefined ? [] : [Date.parse(at)]
  )
  return {
    pending: num_pending,
    out: num_ack_pending,
    asking: num_waiting,
    upTo: delivered.stream_seq,
    mark: `${delivered.consumer_seq} ${ack_floor.consumer_seq} ${num_ack_pending}`,
    ...(moved.length === 0 ? {} : { movedAt: Math.max(...moved) })
  }
}
