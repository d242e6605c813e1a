/** A broker as it is asked by somebody who waits no longer than a signal says. */
import type { Broker } from "./broker.ts"

/** The same broker, whose requests end with the signal. */
export const until = (broker: Broker, signal: AbortSignal): Broker => ({
  ...broker,
  publish: (publication) => broker.publish(publication, signal),
  publishTogether: (publications) => broker.publishTogether(publications, signal),
  read: (subject, _, part) => broker.read(subject, signal, part),
  readAll: (filter) => broker.readAll(filter, signal),
  page: (filter, limit, from) => broker.page(filter, limit, from, signal),
  lanes: () => broker.lanes(signal),
  count: (filter) => broker.count(filter, signal),
  purge: (filter, upTo) => broker.purge(filter, upTo, signal)
})
