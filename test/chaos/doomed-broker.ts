/** A broker for a worker that kills itself with SIGKILL at one of its own calls, before it or right after it. */
import { writeSync } from "node:fs"
import type { Broker, Delivery } from "../../src/broker/broker.ts"
import { BrokerError } from "../../src/broker/errors.ts"

/** Dies without calling; dies when the call has been answered; goes on as if the answer had been lost. */
export const dooms = ["before", "after", "unanswered"] as const

export type Doom = (typeof dooms)[number]

/** Said on standard output, so that a test knows which points were reached. */
export const dying = "dying"

const never = new Promise<never>(() => {})

const kill = (): void => {
  writeSync(1, `${dying}\n`)
  process.kill(process.pid, "SIGKILL")
}

/** Calls count from the first delivery; `told` hears of each. */
export const doomedBroker = (
  broker: Broker,
  at: number,
  doom: Doom,
  told: (verb: string) => void = () => {}
): Broker => {
  let counted = 0
  let working = false
  /** Between the fatal call and the kill the process does nothing more, as if it were dead already. */
  let over = false

  const isFatal = (verb: string): boolean => {
    if (!working) return false
    told(verb)
    return ++counted === at
  }
  const asking = async <A>(verb: string, subject: string, call: () => Promise<A>): Promise<A> => {
    if (over) return never
    if (!isFatal(verb)) return call().then((answer) => (over ? never : answer))
    if (doom !== "unanswered") over = true
    if (doom !== "before") await call().catch(() => undefined)
    if (doom !== "unanswered") kill()
    writeSync(1, `${dying}\n`)
    throw new BrokerError({
      reason: "Unknown",
      message: `the answer to ${verb} on ${subject} is taken away by the test`
    })
  }
  const telling = (verb: string, send: () => void): void => {
    if (over) return
    if (!isFatal(verb) || doom === "unanswered") return send()
    over = true
    if (doom === "before") return kill()
    send()
    // What was sent before the answer to this has reached the server.
    void broker.count(`${broker.facts.namespace}.flush`).then(kill, kill)
  }
  const known = (delivery: Delivery): Delivery => ({
    subject: delivery.subject,
    body: delivery.body,
    at: delivery.at,
    deliveries: delivery.deliveries,
    fired: delivery.fired,
    timer: delivery.timer,
    ack: () => telling("ack", () => delivery.ack()),
    extend: () => delivery.extend(),
    release: () => delivery.release()
  })
  return {
    ...broker,
    publish: (publication) =>
      asking("publish", publication.subject, () => broker.publish(publication)),
    publishTogether: (publications) =>
      asking("publish", publications[0]!.subject, () => broker.publishTogether(publications)),
    read: (subject) => asking("read", subject, () => broker.read(subject)),
    readAll: (filter) => asking("readAll", filter, () => broker.readAll(filter)),
    count: (filter) => asking("count", filter, () => broker.count(filter)),
    purge: (filter) => asking("purge", filter, () => broker.purge(filter)),
    announce: (topic, body) => telling("announce", () => broker.announce(topic, body)),
    consume: (lane, deliver) =>
      broker.consume(lane, (delivery) => {
        working = true
        if (!over) deliver(known(delivery))
      })
  }
}
