/** The same broker for whoever starts a run: all that is stored for a start may be refused while there is little room. */
import type { Broker, Publication } from "./broker.ts"

const ofStart = (publication: Publication): Publication =>
  publication.begins === "run" ? publication : { ...publication, begins: "run" }

export const beginning = (broker: Broker): Broker => ({
  ...broker,
  publish: (publication, signal) => broker.publish(ofStart(publication), signal),
  publishTogether: (publications, signal) =>
    broker.publishTogether(publications.map(ofStart), signal)
})
