/** Where else on this server workers wait: in other namespaces of the account, as their streams and consumers show. */
import { laneOf, streamOf } from "../encode/subjects.ts"
import type { Neighbour } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import { type Api, sound } from "./api.ts"
import type { ConsumerInfo } from "./consumer.ts"

/** How long one answer is waited for, in milliseconds: only words depend on it. */
const patience = 1_000

/** How many other namespaces are looked at. */
const most = 8

const prefix = streamOf("")

export const makeNeighbours = (
  api: Api,
  stream: string
): ((signal?: AbortSignal) => Promise<ReadonlyArray<Neighbour>>) => {
  /** Who may not ask this asks no more: the server logs every refusal. */
  let forbidden = false

  const queuesOf = async (name: string, signal?: AbortSignal): Promise<ReadonlyArray<string>> => {
    const doing = `listing the consumers of ${name}`
    const asked = api<{ readonly consumers?: ReadonlyArray<ConsumerInfo> | null }>(
      `CONSUMER.LIST.${name}`,
      {},
      doing,
      { patience, signal }
    )
    const { consumers } = sound(doing, await asked)
    return (consumers ?? []).flatMap((info) => {
      const lane = laneOf(info.name)
      return lane === undefined || lane.queue === "_" || info.num_waiting === 0 ? [] : [lane.queue]
    })
  }

  return async (signal) => {
    if (forbidden) return []
    try {
      const doing = "listing the streams"
      const asked = api<{ readonly streams?: ReadonlyArray<string> | null }>(
        "STREAM.NAMES",
        {},
        doing,
        { patience, signal }
      )
      const others = (sound(doing, await asked).streams ?? [])
        .filter((name) => name.startsWith(prefix) && name !== stream)
        .slice(0, most)
      const all = others.map(async (name) => ({
        namespace: name.slice(prefix.length),
        queues: await queuesOf(name, signal)
      }))
      return (await Promise.all(all)).filter(({ queues }) => queues.length > 0)
    } catch (cause) {
      forbidden ||= cause instanceof BrokerError && cause.reason === "Refused"
      return []
    }
  }
}
