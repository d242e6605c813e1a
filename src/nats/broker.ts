/** The broker of real deployments: JetStream, spoken directly. */
import { consumerOf, inboxOf, streamOf, topicSubject } from "../encode/subjects.ts"
import type { Broker, BrokerFacts, Subscription } from "../broker/broker.ts"
import { after, countdown, within } from "../broker/time.ts"
import { makeApi } from "./api.ts"
import { makeClock } from "./clock.ts"
import { makeCause } from "./diagnose.ts"
import { makeConsumers } from "./consumer.ts"
import { watchCuts } from "./cuts.ts"
import { Flow } from "./flow.ts"
import { apiPrefix, ensureDomain } from "./domain.ts"
import { makeHealth } from "./health.ts"
import { makeKeeping } from "./keeping.ts"
import { makeLanes } from "./lanes.ts"
import { makeNeighbours } from "./neighbours.ts"
import { type Link, openLink } from "./connection.ts"
import { Multiplexer } from "./requests.ts"
import type { NatsOptions } from "./options.ts"
import { Progress } from "./last-sequence.ts"
import { makePublisher } from "./publisher.ts"
import type { Writes } from "./publish-request.ts"
import { Puller } from "./puller.ts"
import { makeReader } from "./reader.ts"
import { makeSetClock } from "./set-clock.ts"
import { makeSignals } from "./acks.ts"
import { Rivals } from "./rival.ts"
import { type Timing, usualTiming } from "./timing.ts"
import { type Ensured, ensureStream } from "./stream.ts"

/** What the server adds to a record's own bytes at most: our conditions, and its headers on a fired timer or a reply. */
const headroom = 2_048

/** How long `close` waits for a server to answer and say goodbye, in milliseconds. */
const politeness = 2_000

const factsOf = (link: Link, options: NatsOptions, { info, created }: Ensured): BrokerFacts => {
  const { config } = info
  const { max_msg_size: limit = -1 } = config
  const most = limit > 0 ? limit : Infinity
  return {
    kind: "nats",
    server: link.server,
    version: link.version,
    namespace: options.namespace,
    ...(options.domain === undefined ? {} : { domain: options.domain }),
    created,
    replicas: config.num_replicas,
    ...(options.profile === undefined ? {} : { required: options.profile }),
    sync: options.sync ?? "unknown",
    get maxBytes() {
      return Math.min(most, link.maxPayload()) - headroom
    }
  }
}

const subscribe = async (
  link: Link,
  subject: string,
  receive: (body: Uint8Array) => void
): Promise<Subscription> => {
  const subscription = link.subscribe(subject, (message) => receive(message.data))
  // When the server answers this, it knows the subscription. Without a connection, the reconnection brings it along.
  if (link.connected()) await link.connection.flush().catch(() => undefined)
  return { stop: () => subscription.unsubscribe() }
}

const assemble = async (link: Link, options: NatsOptions, timing: Timing): Promise<Broker> => {
  const { namespace, domain } = options
  const stream = streamOf(namespace)
  const flow = new Flow()
  const cuts = watchCuts(link, flow, timing, options.say ?? (() => {}))
  const multiplexer = new Multiplexer(link, timing, flow)
  const prefix = apiPrefix(domain)
  const api = makeApi(multiplexer, prefix)
  if (domain !== undefined) await ensureDomain(api, domain, link.server, timing.attempt)
  const ensured = await ensureStream(api, options, timing, link)
  const facts = factsOf(link, options, ensured)
  const made = ensured.info.created
  const cause = makeCause(api, stream, timing)
  const progress = new Progress()
  const reads = `${prefix}.DIRECT.GET.${stream}`
  const reader = makeReader({
    link,
    multiplexer,
    api,
    cause,
    stream,
    reads,
    progress,
    timing,
    replicas: facts.replicas
  })
  const consumers = makeConsumers(api, namespace, stream, timing.lease)
  const lanes = makeLanes({ link, api, consumers, stream })
  const signals = makeSignals(link, reader.isThere)
  const writes: Writes = { full: undefined, answeredAt: -Infinity }
  link.onReconnect(() => {
    writes.full = undefined
  })
  const publisher = makePublisher({
    link,
    multiplexer,
    cause,
    read: reader.read,
    writes,
    progress,
    replicas: facts.replicas,
    ballast: {
      give: (bytes) => keeping.ballast.give(bytes),
      flag: () => keeping.ballast.flag()
    },
    room: { admit: (bytes, begins) => keeping.room.admit(bytes, begins) }
  })
  const setClock = makeSetClock(link.server, options.say ?? (() => {}))
  const clock = makeClock({ link, api, stream, timing, leapt: setClock.leapt })
  await clock.measure()
  const rivals = new Rivals({ link, namespace, say: options.say, every: timing.rival })
  let lost = -Infinity
  const lostSince = (at: number): boolean => at <= lost
  link.onReconnect(() => {
    lost = clock.reading()
  })
  const pullers = new Set<Puller>()
  const keeping = makeKeeping({
    link,
    multiplexer,
    api,
    cause,
    stream,
    reads,
    facts,
    every: timing.upkeep,
    now: clock.now,
    store: publisher.publishTogether
  })

  const close = async (most = politeness): Promise<void> => {
    const left = countdown(most)
    clock.stop()
    rivals.stop()
    keeping.stop()
    await within(left(), Promise.all([...pullers].map((puller) => puller.stop())))
    if (link.connected()) await within(left(), multiplexer.idle())
    await link.close(left())
  }

  return {
    facts,
    now: clock.now,
    elapsed: () => performance.now(),
    after,
    ...publisher,
    spare: (bytes) => keeping.room.spare(bytes),
    read: reader.read,
    readAll: reader.readAll,
    page: reader.page,
    count: reader.count,
    purge: reader.purge,
    consume: async (lane, deliver, spare) => {
      await consumers.ensure(lane)
      rivals.watch()
      keeping.begin()
      lanes.known(lane)
      // What a consumer before it had handed out, a new one hands out as if for the first time.
      let remadeAt = 0
      const remade = (): void => {
        remadeAt = clock.now()
      }
      const subject = `${prefix}.CONSUMER.MSG.NEXT.${stream}.${consumerOf(lane.queue, lane.level)}`
      const puller = new Puller({
        link,
        timing,
        signals,
        flow,
        subject,
        ensure: async () => {
          await consumers.ensure(lane)
          remade()
        },
        silent: remade,
        deliver,
        spare,
        lostSince: (at) => at <= remadeAt || lostSince(at),
        gone: link.fail
      })
      pullers.add(puller)
      const stop = async (): Promise<void> => {
        await puller.stop()
        pullers.delete(puller)
      }
      return { pull: (slots) => puller.pull(slots), state: () => puller.state(), stop }
    },
    waiting: consumers.waiting,
    know: lanes.know,
    lanes: lanes.list,
    neighbours: makeNeighbours(api, stream),
    replies: (owner, instance, run, receive) =>
      subscribe(link, inboxOf(namespace, owner, instance, run), receive),
    announce: (topic, body) => {
      link.send(topicSubject(namespace, topic), body)
    },
    listen: (topic, receive) => subscribe(link, topicSubject(namespace, topic), receive),
    onReconnect: link.onReconnect,
    health: makeHealth({
      link,
      cuts,
      multiplexer,
      writes,
      api,
      stream,
      made,
      facts,
      rivals,
      room: keeping.room,
      clock,
      setClock
    }),
    ended: link.ended,
    flush: link.flush,
    close
  }
}

/** Connects, and creates the namespace's stream when it is not there. `timing` is for tests. */
export const connectNats = async (
  options: NatsOptions,
  timing: Partial<Timing> = {}
): Promise<Broker> => {
  const link = await openLink(options)
  try {
    return await assemble(link, options, { ...usualTiming, ...timing })
  } catch (error) {
    await link.close(politeness)
    throw error
  }
}
