/** What workers ask of their broker, told so that two plays of one form can be compared: ids and times are replaced. */
import type { Broker, Publication } from "../../src/broker/broker.ts"

/** The last token of the id of a run. */
const ids = /(?<![a-z0-9])0[a-z0-9]{19}(?![a-z0-9])/g

/** The folder that is given the requests of all plays; without one they are not told, which would take a tenth of each play. */
export const golden: string | undefined = process.env["GOLDEN"]

// Which of two workers is faster is left to chance in the product.
if (golden !== undefined) Math.random = () => 0.5

/** Tells requests as lines of text, with a name for every id of a run in the order in which they are met. */
export class Requests {
  readonly lines: Array<string> = []
  readonly #names = new Map<string, string>()

  /** The same broker, which tells what it is asked for where that is wanted. */
  heard(broker: Broker, who: string): Broker {
    if (golden === undefined) return broker
    const tell = (verb: string, what: string): void =>
      void this.lines.push(`${who} ${verb} ${this.#plain(what)}`)
    const now = (): number => broker.now()
    return {
      ...broker,
      publish: (publication, ...rest) => {
        tell("publish", this.#told(publication, now()))
        return broker.publish(publication, ...rest)
      },
      publishTogether: (publications, ...rest) => {
        tell("together", publications.map((one) => this.#told(one, now())).join(" + "))
        return broker.publishTogether(publications, ...rest)
      },
      read: (subject, ...rest) => {
        tell("read", subject)
        return broker.read(subject, ...rest)
      },
      readAll: (filter, ...rest) => {
        tell("readAll", filter)
        return broker.readAll(filter, ...rest)
      },
      page: (filter, ...rest) => {
        tell("page", `${filter} ${rest[0]} ${rest[1] === undefined ? "" : "on"}`)
        return broker.page(filter, ...rest)
      },
      count: (filter, ...rest) => {
        tell("count", filter)
        return broker.count(filter, ...rest)
      },
      purge: (filter, ...rest) => {
        tell("purge", `${filter} ${rest[0] === undefined ? "" : "up to one"}`)
        return broker.purge(filter, ...rest)
      },
      announce: (topic, body) => {
        tell("announce", `${topic} ${Buffer.from(body).toString("latin1")}`)
        broker.announce(topic, body)
      },
      consume: (lane, deliver, ...rest) =>
        broker.consume(
          lane,
          (delivery) => {
            const { subject, deliveries, fired } = delivery
            tell("takes", `${subject} ${deliveries}${fired ? " fired" : ""}`)
            deliver({
              ...delivery,
              ack: () => {
                tell("ack", subject)
                delivery.ack()
              },
              release: () => {
                tell("release", subject)
                delivery.release()
              }
            })
          },
          ...rest
        )
    }
  }

  #told(publication: Publication, now: number): string {
    const { subject, body, fire, unless, ttl, id, begins, bodyAgain } = publication
    return [
      subject,
      unless === undefined ? "" : `unless=${unless}`,
      publication.unlessAgain === undefined ? "" : `unlessAgain=${publication.unlessAgain}`,
      id === undefined ? "" : `id=${id}`,
      ttl === undefined ? "" : `ttl=${ttl}`,
      fire === undefined ? "" : `fire=+${Math.round((fire.time - now) / 1000)}s ${fire.target}`,
      begins === undefined ? "" : `begins=${begins}`,
      bodyAgain === undefined ? "" : "again",
      publication.part === true ? "part" : "",
      Buffer.from(body).toString("latin1")
    ]
      .filter((part) => part !== "")
      .join(" ")
  }

  /** Ids are named in the order in which they are met; moments are left out. */
  #plain(text: string): string {
    return text
      .replaceAll("\n", " ")
      .replace(/"worker":"[^"]*"/g, '"worker":"…"')
      .replace(/(?<=, |\()[\w-]+-\d+-\w{4}(?=[,) ])/g, "<worker>")
      .replace(/"ey[\w=]+"/g, '"<body>"')
      .replace(ids, (id) => this.#named("run", id))
      .replace(/(?<=[-.])[a-z0-9]{8}(?=[-.]run\d)/g, (id) => this.#named("instance", id))
      .replace(/(?<=\.)[a-z0-9]{16}(?=\.|$)/g, (id) => this.#named("part", id))
      .replace(/(?<![\w.])1\d{12}(\.\d+)?(?!\w)/g, "<time>")
  }

  #named(kind: string, id: string): string {
    const known = this.#names.get(id) ?? `${kind}${this.#names.size + 1}`
    this.#names.set(id, known)
    return known
  }
}
