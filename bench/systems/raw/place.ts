/** The stream, the subjects and the two constant header blocks of the client written by hand. */
import { connect } from "@nats-io/transport-node"
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node"
import type { Place } from "../../system.ts"

export const streamOf = (namespace: string): string => `raw-${namespace}`
export const consumer = "worker"
/** Calls of an instance: `<namespace>.t.<instance>.<run>`. */
export const callOf = (namespace: string, instance: string, run: string): string =>
  `${namespace}.t.${instance}.${run}`
/** Outcomes, which the stream republishes to the instance's inbox. */
export const outcomeOf = (namespace: string, instance: string, run: string): string =>
  `${namespace}.r.${instance}.${run}`
/** Outcomes inside a chain or chord, which nobody waits for. */
export const innerOf = (namespace: string, instance: string, run: string, at: number): string =>
  `${namespace}.i.${instance}.${run}.${at}`
export const inboxOf = (namespace: string, instance: string): string =>
  `_INBOX.${namespace}.${instance}.`

const second = 1_000_000_000

/** The settings of the library's own stream. */
const streamConfig = ({ namespace, profile }: Place): object => ({
  name: streamOf(namespace),
  subjects: [`${namespace}.>`],
  retention: "workqueue",
  storage: "file",
  discard: "old",
  num_replicas: profile === "ha" ? 3 : 1,
  duplicate_window: 30 * second,
  allow_direct: true,
  allow_msg_ttl: true,
  allow_msg_schedules: true,
  allow_atomic: true,
  republish: {
    src: `${namespace}.r.*.*`,
    dest: `_INBOX.${namespace}.{{wildcard(1)}}.{{wildcard(2)}}`
  }
})

const consumerConfig = (namespace: string): object => ({
  stream_name: streamOf(namespace),
  action: "create",
  config: {
    name: consumer,
    durable_name: consumer,
    filter_subject: `${namespace}.t.>`,
    deliver_policy: "all",
    replay_policy: "instant",
    ack_policy: "explicit",
    ack_wait: 30 * second,
    max_deliver: -1,
    max_ack_pending: 100_000,
    max_waiting: 100_000
  }
})

export const open = (place: Place, name: string): Promise<NatsConnection> =>
  connect({
    servers: place.addresses.nats!.split(","),
    name,
    noAsyncTraces: true,
    maxReconnectAttempts: -1
  })

export const ask = async <A>(
  connection: NatsConnection,
  verb: string,
  body: object = {}
): Promise<A> => {
  const reply = await connection.request(`$JS.API.${verb}`, JSON.stringify(body), {
    timeout: 20_000
  })
  const answer = reply.json<A & { readonly error?: { readonly description?: string } }>()
  if (answer.error !== undefined) throw new Error(`${verb}: ${answer.error.description}`)
  return answer
}

export const prepare = async (place: Place): Promise<void> => {
  const connection = await open(place, "raw prepare")
  const { namespace } = place
  await ask(connection, `STREAM.CREATE.${streamOf(namespace)}`, streamConfig(place))
  await ask(
    connection,
    `CONSUMER.CREATE.${streamOf(namespace)}.${consumer}.${namespace}.t.>`,
    consumerConfig(namespace)
  )
  await connection.close()
}

export const remove = async (place: Place): Promise<void> => {
  const connection = await open(place, "raw remove")
  await ask(connection, `STREAM.DELETE.${streamOf(place.namespace)}`)
  await connection.close()
}

const block = (text: string): MsgHdrs => {
  const bytes = Buffer.from(`NATS/1.0\r\n${text}\r\n`)
  return { encode: () => bytes } as unknown as MsgHdrs
}

/** Stored only when nothing is stored there yet, and for an hour. */
export const once = block("Nats-Expected-Last-Subject-Sequence: 0\r\nNats-TTL: 3600s\r\n")
