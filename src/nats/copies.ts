/** What a stream with several copies says about the servers that hold them. */

interface Replica {
  readonly name: string
  /** Nanoseconds since the leader has last heard of it. */
  readonly active?: number
}

/** As the server describes it; absent where the server is alone. */
export interface Copies {
  readonly leader?: string
  /** Those besides the leader's. */
  readonly replicas?: ReadonlyArray<Replica>
}

/** A replica without a leader answers all the same, as far as it has the stream. */
export const withoutLeader = (stream: string, copies: Copies | undefined): string | undefined => {
  if (copies === undefined || (copies.leader ?? "") !== "") return undefined
  return `the stream ${stream} has no leader: nothing is stored or handed out until a majority of the servers that hold its copies runs and they reach each other. An election takes some seconds; if this lasts, start the missing servers (\`nats server list\` and \`nats stream info ${stream}\` name them). What was accepted is kept.`
}

/** Those that work say so every second. In nanoseconds. */
const longestSilence = 10_000_000_000

/** Of three copies one may be away and all goes on; whoever could start its server should know. */
export const copiesAway = (stream: string, copies: Copies | undefined): string | undefined => {
  const replicas = copies?.replicas ?? []
  const away = replicas.filter(({ active = 0 }) => active > longestSilence)
  if (away.length === 0) return undefined
  const names = away.map(({ name }) => name).join(", ")
  return `of ${replicas.length + 1} copies of the stream ${stream}, nothing has been heard for more than 10 s of ${away.length} (on ${names}): work goes on with a majority of them. Start that server before another one is lost.`
}
