/** Where workers are, for whoever has found none at a queue: often it is the queue or the namespace that is another. */
import { normalLevel } from "../encode/subjects.ts"
import type { Broker, LaneState, Neighbour } from "../broker/broker.ts"
import { after } from "../broker/time.ts"

/** How long is looked, in milliseconds. */
const longest = 1_500

/** How many queues and namespaces are named. */
const most = 5

/** What of it can be seen, as the end of a sentence; nothing where nobody is seen. Never rejects. */
export const workersElsewhere = async (broker: Broker, queue: string): Promise<string> => {
  const end = new AbortController()
  const stop = after(longest, () => end.abort())
  const seen = async <A>(asked: Promise<ReadonlyArray<A>>): Promise<ReadonlyArray<A>> =>
    asked.catch(() => [])
  const [lanes, neighbours] = await Promise.all([
    seen(broker.lanes(end.signal)),
    seen(broker.neighbours(end.signal))
  ])
  stop()
  const here = lanes.filter((lane) => lane.queue !== queue && isServed(lane))
  const places = [
    ...(here.length === 0 ? [] : [`on ${queuesIn(here.map((lane) => lane.queue))}`]),
    ...neighbours.slice(0, most).map(placeOf)
  ]
  if (places.length === 0) return ""
  return `. Workers are seen ${places.join(", and ")}: compare queue and namespace with theirs`
}

const placeOf = ({ namespace, queues }: Neighbour): string =>
  `in namespace "${namespace}" on ${queuesIn(queues)}`

const queuesIn = (queues: ReadonlyArray<string>): string => {
  const names = queues.map((queue) => `"${queue}"`).toSorted()
  const more = names.length > most ? ", …" : ""
  return `queue${names.length > 1 ? "s" : ""} ${names.slice(0, most).join(", ")}${more}`
}

/** Also where all slots of its workers are taken. */
const isServed = ({ level, asking, out }: LaneState): boolean =>
  level === normalLevel && (asking > 0 || out > 0)
