/** Puts together what looks after the room of a namespace, for one connection. */
import type { BrokerFacts, Publication, Published } from "../broker/broker.ts"
import type { Api } from "./api.ts"
import { Ballast } from "./ballast.ts"
import type { Cause } from "./diagnose.ts"
import type { Link } from "./connection.ts"
import type { Multiplexer } from "./requests.ts"
import { setOverdueAgain } from "./overdue.ts"
import { RoomWatch } from "./room.ts"
import { Upkeep } from "./upkeep.ts"

export interface KeepingOptions {
  readonly link: Link
  readonly multiplexer: Multiplexer
  readonly api: Api
  readonly cause: Cause
  readonly stream: string
  /** The subject on which direct reads are asked for. */
  readonly reads: string
  readonly facts: BrokerFacts
  readonly every: number
  readonly now: () => number
  readonly store: (publications: ReadonlyArray<Publication>) => Promise<Published>
}

export interface Keeping {
  readonly ballast: Ballast
  readonly room: RoomWatch
  /** A worker looks after it; whoever takes calls is one. */
  begin(): void
  stop(): void
}

export const makeKeeping = (options: KeepingOptions): Keeping => {
  const { link, multiplexer, api, cause, stream, reads, facts, every, now, store } = options
  const { namespace, replicas } = facts
  let upkeep: Upkeep | undefined
  let stopped = false
  const ballast = new Ballast({
    api,
    stream,
    namespace,
    maxBytes: () => facts.maxBytes,
    store,
    refused: () => {
      room.doubt()
      upkeep?.hurry()
    }
  })
  const room = new RoomWatch({ api, stream, replicas, ballast })
  const overdue = (): Promise<number> =>
    setOverdueAgain({ multiplexer, cause, reads, namespace, now })
  return {
    ballast,
    room,
    begin: () => {
      if (!stopped) upkeep ??= new Upkeep({ link, ballast, room, every, overdue })
    },
    stop: () => {
      stopped = true
      upkeep?.stop()
    }
  }
}
