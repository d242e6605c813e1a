/** Arpeggio's client: the public verbs, and the consumer's own numbers for how far a backlog is. */
import { type App, chain, chord, connect, group } from "arpeggio"
import { connect as connectNats, type NatsConnection } from "@nats-io/transport-node"
import type { Place, Session } from "../../system.ts"
import { placeOf } from "./place.ts"
import { echo, inc, sum } from "./tasks.ts"

/** Starts that may be under way at once. */
const window = 4_096

interface ConsumerInfo {
  readonly num_pending?: number
  readonly num_ack_pending?: number
}

const increments = (size: number) => Array.from({ length: size }, (_, value) => inc(value))

export const session = async (place: Place): Promise<Session> => {
  const app: App = await connect(placeOf(place))
  let enqueued = 0
  let watching: Promise<NatsConnection> | undefined

  /** Calls that wait or are out, by the consumer of the default queue; all of them before a worker has made it. */
  const left = async (): Promise<number> => {
    watching ??= connectNats({ servers: place.addresses.nats!.split(","), noAsyncTraces: true })
    const subject = `$JS.API.CONSUMER.INFO.arpeggio-${place.namespace}.queue-default-0`
    const answer = await (await watching).request(subject, undefined, { timeout: 20_000 })
    const { num_pending: pending, num_ack_pending: out } = answer.json<ConsumerInfo>()
    return pending === undefined ? enqueued : pending + (out ?? 0)
  }

  return {
    call: (value) => app.run(inc(value)),
    bulk: (values) => Promise.all(values.map((value) => app.run(inc(value)))),
    echo: (text) => app.run(echo(text)),
    chain: (length, value) =>
      app.run(chain(inc(value), ...Array.from({ length: length - 1 }, () => inc()))),
    group: (size) => app.run(group(increments(size))),
    chord: (size) => app.run(chord(increments(size), sum())),
    enqueue: async (values) => {
      enqueued += values.length
      let at = 0
      const lane = async (): Promise<void> => {
        while (at < values.length) await app.start(inc(values[at++]!))
      }
      await Promise.all(Array.from({ length: window }, lane))
    },
    done: async () => enqueued - (await left()),
    close: async () => {
      await app.close()
      await (await watching)?.close()
    }
  }
}
