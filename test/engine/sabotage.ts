/** Engines broken on purpose, each by a lie about its broker; the suite of kill points has to notice every one. */
import { AsyncLocalStorage } from "node:async_hooks"
import type { Broker, Delivery, Publication } from "../../src/broker/broker.ts"

const kindOf = (subject: string): string => subject.split(".")[1]!

const isOutcome = ({ subject }: Publication): boolean => ["r", "i"].includes(kindOf(subject))

/** One for all broken engines: whatever awaits pays for every storage of the process, those of engines that are gone, too. */
const current = new AsyncLocalStorage<Delivery>()

/** Every call is handled in a context that knows its delivery. */
const knowingDelivery = (broker: Broker): Pick<Broker, "consume"> => ({
  consume: (lane, deliver) =>
    broker.consume(lane, (delivery) => current.run(delivery, () => deliver(delivery)))
})

/** Takes it that whoever had the call before has published what follows. */
export const withoutFollowersAgain = (broker: Broker): Broker => ({
  ...broker,
  ...knowingDelivery(broker),
  publish: async (publication) =>
    kindOf(publication.subject) === "t" && current.getStore()!.deliveries > 1
      ? { stored: true, duplicate: true }
      : broker.publish(publication)
})

/** Acks as soon as the outcome is stored, before what follows from it. */
export const ackingEarly = (broker: Broker): Broker => ({
  ...broker,
  ...knowingDelivery(broker),
  publish: async (publication) => {
    const published = await broker.publish(publication)
    if (isOutcome(publication)) current.getStore()!.ack()
    return published
  }
})

/** Commits without the condition that nothing is stored there yet. */
export const withoutPrecondition = (broker: Broker): Broker => ({
  ...broker,
  publish: (publication) => {
    const { unless: _, ...rest } = publication
    return broker.publish(isOutcome(publication) ? rest : publication)
  }
})

/** Stores an outcome first, and the callbacks that hang on it after that. */
export const callbacksAfterwards = (broker: Broker): Broker => ({
  ...broker,
  publishTogether: async ([outcome, ...callbacks]) => {
    const published = await broker.publish(outcome!)
    if (published.stored) for (const each of callbacks) await broker.publish(each)
    return published
  }
})

/** Stores callbacks first, and then the outcome that they hang on. */
export const callbacksBefore = (broker: Broker): Broker => ({
  ...broker,
  publishTogether: async ([outcome, ...callbacks]) => {
    for (const each of callbacks) await broker.publish(each)
    return broker.publish(outcome!)
  }
})

/** Whoever is handed the timer that a run began with takes it that its end has set the next. */
export const trustingTheEnd = (broker: Broker): Broker => {
  const carriesStart = ({ subject, body }: Delivery): boolean =>
    subject.includes(".collect.") && Buffer.from(body).includes('"start":')
  return {
    ...broker,
    ...knowingDelivery(broker),
    publish: async (publication) =>
      kindOf(publication.subject) === "s" && carriesStart(current.getStore()!)
        ? { stored: true, duplicate: false }
        : broker.publish(publication)
  }
}

/** Nobody hears that a scope has closed: not broken, because nothing may depend on what is told at most once. */
export const deaf = (broker: Broker): Broker => ({ ...broker, announce: () => {} })

/** Sends what follows without asking whether its scope is still open, which those who heard of it would notice. */
export const withoutFence = (broker: Broker): Broker => ({
  ...deaf(broker),
  publish: (publication) => {
    const { unless: _, ...rest } = publication
    return broker.publish(kindOf(publication.subject) === "t" ? rest : publication)
  }
})

/** Members by their scope, as a counter sees them. */
const scopeOf = (subject: string): string => subject.slice(0, subject.lastIndexOf("."))

/** Of one scope; all that a run has is counted when it is collected. */
const isMembers = (filter: string): boolean =>
  kindOf(filter) === "i" && filter.endsWith(".*") && !filter.endsWith(".*.*")

/** Counts the members that ended in this very process. */
export const countingInMemory = (broker: Broker): Broker => {
  const counters = new Map<string, number>()
  return {
    ...broker,
    publish: async (publication) => {
      const published = await broker.publish(publication)
      const scope = scopeOf(publication.subject)
      if (isOutcome(publication)) counters.set(scope, (counters.get(scope) ?? 0) + 1)
      return published
    },
    count: (filter) =>
      isMembers(filter) ? Promise.resolve(counters.get(scopeOf(filter)) ?? 0) : broker.count(filter)
  }
}

/**
 * A counter that all processes share, raised whenever a member has ended: once too often when its call comes again.
 * The scope is joined by whoever raises it to the number of members.
 */
export const countingDeliveries = (members: number): ((broker: Broker) => Broker) => {
  const counters = new Map<string, number>()
  return (broker) => ({
    ...broker,
    count: async (filter) => {
      if (!isMembers(filter)) return broker.count(filter)
      const scope = scopeOf(filter)
      const count = (counters.get(scope) ?? 0) + 1
      counters.set(scope, count)
      return count === members ? members : 0
    }
  })
}
