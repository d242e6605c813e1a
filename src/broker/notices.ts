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
          `arpeggio: namespace "${namespace}" is new at ${server} and has been created. On a first start that is as it should be; after that, another server was meant, or its stream was deleted`
        ]
      : []),
    ...(short === undefined ? [] : [`arpeggio: ${short}`])
  ]
}
