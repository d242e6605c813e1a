/** What a client's developer is told about the broker when it has connected: nothing, when all is as usual. */
import type { BrokerFacts } from "./broker.ts"
import { shortfall } from "./durability.ts"

export const noticesOf = (facts: BrokerFacts): ReadonlyArray<string> => {
  const { created, namespace, server, sync } = facts
  const short = shortfall(facts)
  // A server of the project's own says itself that it was started.
  const news = created && sync === "unknown"
  return [
    ...(news
      ? [
          `arpeggio: namespace "${namespace}" was not there at ${server} and has been created; should it have held work, find out who deleted the stream`
        ]
      : []),
    ...(short === undefined ? [] : [`arpeggio: ${short}`])
  ]
}
