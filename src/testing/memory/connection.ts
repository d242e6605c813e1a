/** A broker that stands on a memory server: one process's view of it. */
import { inboxOf, topicSubject } from "../../encode/subjects.ts"
import type { Broker, BrokerFacts, Publication, Spare, Subscription } from "../../broker/broker.ts"
import { BrokerError } from "../../broker/errors.ts"
import { healthOf } from "../../broker/health.ts"
import type { Timekeeper } from "./clock.ts"
import { consumption, type MemoryConsumption } from "./consumption.ts"
import { death, type WhenKilled, whenKilled } from "./killed.ts"
import type { Link } from "./faulty-link.ts"
import type { Radio } from "./pubsub.ts"
import type { MemoryStore } from "./store.ts"
import type { Turns } from "./scheduler.ts"

/** A connection with what only the server may do to it. */
export interface MemoryConnection {
  readonly broker: Broker
  /** Its process is gone: nothing reaches it any more. */
  crash(): void
  /** Tells it that it was cut off and is back. */
  reconnected(): void
}

/** Memory has no limit. */
const unlimited: Spare = { run: Infinity, member: Infinity, waited: Infinity, all: Infinity }

export const connection = (options: {
  readonly link: Link
  readonly store: MemoryStore
  readonly radio: Radio
  readonly turns: Turns
  readonly clock: Timekeeper
  readonly facts: BrokerFacts
}): MemoryConnection => {
  const { link, store, radio, turns, facts } = options
  const { namespace } = facts
  const { clock } = options
  const taking = new Set<MemoryConsumption>()
  /** The timers of this process, which end with it. */
  const timers = new Set<() => void>()
  const returns = new Set<() => void>()
  const { when, comes } = death()
  let closing: Promise<void> | undefined
  let end: (reason: Error | undefined) => void = () => {}
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve
  })

  const leave = (): void => {
    for (const one of taking) one.leave()
    taking.clear()
    returns.clear()
    for (const cancel of timers) cancel()
    radio.leave(link)
  }
  const tooLarge = (subject: string, size: number): BrokerError =>
    new BrokerError({
      reason: "TooLarge",
      message: `The record for "${subject}" has ${size} bytes, and this broker takes at most ${facts.maxBytes}. Raise maxBytes of the memory server.`
    })
  const sealed = (publication: Publication): Publication => {
    const size = publication.body.byteLength
    if (size > facts.maxBytes) throw tooLarge(publication.subject, size)
    return { ...publication, body: new Uint8Array(publication.body) }
  }
  const listen = (
    verb: "replies" | "listen",
    filter: string,
    receive: (body: Uint8Array) => void
  ): Promise<Subscription> =>
    link.call(verb, filter, () => {
      const arrival = verb === "replies" ? "reply" : "hear"
      const subscription = radio.listen(link, arrival, filter, receive)
      // A process that died or left meanwhile listens to nothing.
      if (link.state !== "open") subscription.stop()
      return subscription
    })

  const after = (milliseconds: number, callback: () => void): (() => void) => {
    if (link.state !== "open") return () => {}
    const cancel = (): void => {
      clock.cancel(deadline)
      timers.delete(cancel)
    }
    const deadline = clock.at(clock.elapsed() + milliseconds, () => {
      timers.delete(cancel)
      callback()
    })
    timers.add(cancel)
    return cancel
  }

  const broker: Broker & { readonly [whenKilled]: WhenKilled } = {
    [whenKilled]: when,
    facts,
    ended,
    now: clock.now,
    elapsed: clock.elapsed,
    after,
    publish: async (publication, signal, ifFull) => {
      const sent = sealed(publication)
      try {
        return await link.call("publish", sent.subject, () => store.publish(sent), signal)
      } catch (cause) {
        const full = cause instanceof BrokerError && cause.reason === "Full"
        if (!full || ifFull === undefined) throw cause
        return ifFull(cause, publication, signal)
      }
    },
    publishTogether: async (publications, signal) => {
      const sent = publications.map(sealed)
      return link.call("publish", sent[0]!.subject, () => store.publishTogether(sent), signal)
    },
    read: (subject, signal) => link.call("read", subject, () => store.read(subject), signal),
    readAll: (filter, signal) => link.call("readAll", filter, () => store.readAll(filter), signal),
    page: (filter, limit, from, signal) =>
      link.call("page", filter, () => store.page(filter, limit, from), signal),
    count: (filter, signal) => link.call("count", filter, () => store.count(filter), signal),
    purge: (filter, upTo, signal) =>
      link.call("purge", filter, () => store.purge(filter, upTo), signal),
    consume: (lane, deliver, spare) =>
      link.call("consume", `${lane.queue}.${lane.level}`, () => {
        const begun = consumption({
          link,
          store,
          turns,
          clock,
          deliver,
          spare,
          lane: store.lane(lane)
        })
        taking.add(begun)
        return begun
      }),
    waiting: (lane) =>
      link.call("waiting", `${lane.queue}.${lane.level}`, () => store.lane(lane).waiting()),
    // There it is known by its calls.
    know: () => {},
    lanes: (signal) => link.call("lanes", `${namespace}.t`, store.lanes, signal),
    // A server in memory is one namespace.
    neighbours: async () => [],
    replies: (owner, instance, run, receive) =>
      listen("replies", inboxOf(namespace, owner, instance, run), receive),
    announce: (topic, body) => {
      const sent = new Uint8Array(body)
      link.tell("announce", topic, () => radio.tell(topicSubject(namespace, topic), sent))
    },
    listen: (topic, receive) => listen("listen", topicSubject(namespace, topic), receive),
    onReconnect: (callback) => {
      returns.add(callback)
      return { stop: () => void returns.delete(callback) }
    },
    spare: () => unlimited,
    health: async () => {
      const connected = link.state === "open"
      const problems = connected
        ? []
        : [`the connection to the memory server has ${link.state}: open another one`]
      return healthOf(facts, { connection: { connected, lastHeard: clock.now() }, problems })
    },
    // Everything is said at once here.
    flush: () => {},
    close: () => {
      closing ??= new Promise((resolve) => {
        if (link.state === "crashed") return
        link.state = "closed"
        link.send(() => {
          leave()
          turns.later(() => {
            resolve()
            end(undefined)
          })
        })
      })
      return closing
    }
  }
  return {
    broker,
    crash: () => {
      link.state = "crashed"
      leave()
      comes()
    },
    reconnected: () =>
      turns.later(() => {
        if (link.state === "open") for (const callback of returns) callback()
      })
  }
}
