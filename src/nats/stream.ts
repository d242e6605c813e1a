/** The stream that holds a namespace: created when it is not there, checked when it is, never changed. */
import { setTimeout as sleep } from "node:timers/promises"
import { republication, streamOf, streamSubjects } from "../encode/subjects.ts"
import { elapsed } from "../broker/time.ts"
import {
  answered,
  noPeers,
  type ServerError,
  serverFailure,
  streamDiffers,
  streamMissing
} from "./error-codes.ts"
import { type Api, sound } from "./api.ts"
import type { Copies } from "./copies.ts"
import { failure } from "./messages.ts"
import type { Link } from "./connection.ts"
import { adviceOnSize, wholeAccount, whyNotMaxBytes } from "./max-bytes.ts"
import type { NatsOptions } from "./options.ts"
import { takenElsewhere, takersOf } from "./rival.ts"
import type { Timing } from "./timing.ts"

interface StreamConfig {
  readonly num_replicas: number
  readonly max_msg_size?: number
  readonly max_bytes?: number
  readonly duplicate_window?: number
  readonly [field: string]: unknown
}

export interface StreamInfo {
  readonly config: StreamConfig
  /** When the stream was made. */
  readonly created: string
  /** The broker's clock when it answered. */
  readonly ts: string
  readonly cluster?: Copies
  readonly error?: ServerError
}

const second = 1_000_000_000

const wanted = (namespace: string): Readonly<Record<string, unknown>> => ({
  subjects: [streamSubjects(namespace)],
  retention: "workqueue",
  storage: "file",
  discard: "old",
  allow_direct: true,
  allow_msg_ttl: true,
  allow_msg_schedules: true,
  allow_atomic: true,
  republish: republication(namespace)
})

/** What a stream of somebody else's making may have, and ours must not: limits delete queued work, the rest stops us. */
const forbidden: ReadonlyArray<string> = [
  "max_msgs",
  "max_age",
  "max_msgs_per_subject",
  "deny_purge",
  "sealed",
  "no_ack",
  "mirror",
  "sources",
  "subject_transform"
]

const absent = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === 0 || value === -1

const differences = (options: NatsOptions, config: StreamConfig): ReadonlyArray<string> => {
  const found: Array<string> = []
  const say = (field: string, has: unknown, needs: unknown): void => {
    found.push(`${field} is ${JSON.stringify(has)} and must be ${JSON.stringify(needs)}`)
  }
  for (const [field, value] of Object.entries(wanted(options.namespace))) {
    if (JSON.stringify(config[field]) !== JSON.stringify(value)) say(field, config[field], value)
  }
  for (const field of forbidden) {
    if (!absent(config[field])) found.push(`${field} is set and must not be`)
  }
  if ((config.duplicate_window ?? 0) < 20 * second) {
    found.push(`duplicate_window is shorter than 20 s`)
  }
  if (options.replicas !== undefined && config.num_replicas !== options.replicas) {
    say("num_replicas", config.num_replicas, options.replicas)
  } else if (options.profile === "ha" && config.num_replicas < 3) {
    found.push(`num_replicas is ${config.num_replicas}, and the profile "ha" needs 3`)
  }
  return found
}

/** The stream as it was found, or as it has just been made. */
export interface Ensured {
  readonly info: StreamInfo
  readonly created: boolean
}

/** Between two tries while the cluster has fewer servers than the stream has replicas, in milliseconds. */
const roomCheck = 250

/** Servers that start together do not know each other at once: whoever connects first waits for the others a little. */
const create = async (
  api: Api,
  config: { readonly name: string },
  timing: Timing,
  doing: string
): Promise<StreamInfo> => {
  const end = elapsed() + timing.leaderless
  for (;;) {
    const created = await api<StreamInfo>(`STREAM.CREATE.${config.name}`, config, doing)
    if (created.error?.err_code !== noPeers || elapsed() > end) return created
    await sleep(roomCheck)
  }
}

/** Somebody else may be making the stream at this moment: it is looked for once more before a stranger is blamed. */
const refuseRival = async (api: Api, options: NatsOptions, link: Link): Promise<void> => {
  const [taker] = await takersOf(link, options.namespace, 1)
  if (taker === undefined) return
  const doing = `looking for the stream ${taker}`
  const here = await api<StreamInfo>(`STREAM.INFO.${taker}`, {}, doing)
  // One that is here is ours by now, or the server refuses ours in words of its own.
  if (here.error?.err_code !== streamMissing) return
  throw failure("Misconfigured", takenElsewhere(options.namespace, taker, link))
}

const find = async (
  api: Api,
  options: NatsOptions,
  timing: Timing,
  link: Link
): Promise<Ensured> => {
  const name = streamOf(options.namespace)
  const looking = `looking for the stream ${name}`
  const present = await api<StreamInfo>(`STREAM.INFO.${name}`, {}, looking)
  if (present.error?.err_code !== streamMissing) {
    return { info: sound(looking, present), created: false }
  }
  await refuseRival(api, options, link)
  const doing = `creating the stream ${name}`
  const replicas = options.profile === "ha" ? 3 : (options.replicas ?? 1)
  const config = {
    name,
    ...wanted(options.namespace),
    num_replicas: replicas,
    duplicate_window: 30 * second,
    ...(options.maxBytes === undefined ? {} : { max_bytes: await wholeAccount(api, replicas) })
  }
  const created = await create(api, config, timing, doing)
  if (created.error === undefined) return { info: created, created: true }
  if (created.error.err_code !== streamDiffers) {
    const { reason, message } = serverFailure(doing, created.error)
    const advice = adviceOnSize(created.error, options.maxBytes)
    const why =
      advice === ""
        ? failure(reason, message)
        : // Alone: what helps where a limit was reached does not help here.
          failure("Misconfigured", `${answered(doing, created.error)}${advice}`)
    throw replicas === 1 || advice !== ""
      ? why
      : failure(
          why.reason,
          `${why.message} ${replicas} copies need as many servers with JetStream in one cluster; with a single server ask for the profile "single" or "dev".`
        )
  }
  // Somebody else was quicker.
  return {
    info: sound(looking, await api<StreamInfo>(`STREAM.INFO.${name}`, {}, looking)),
    created: false
  }
}

/** The namespace's stream as the server has it. Any number of processes may call this at once. */
export const ensureStream = async (
  api: Api,
  options: NatsOptions,
  timing: Timing,
  link: Link
): Promise<Ensured> => {
  const ensured = await find(api, options, timing, link)
  const { config } = ensured.info
  const size = await whyNotMaxBytes(api, config)
  const found = [...differences(options, config), ...(size === undefined ? [] : [size])]
  if (found.length > 0) {
    const name = streamOf(options.namespace)
    throw failure(
      "Misconfigured",
      `the stream ${name} exists and cannot carry the namespace "${options.namespace}": ${found.join("; ")}. It may hold work, so it is left as it is: change it with \`nats stream edit ${name}\`, or choose another namespace.`
    )
  }
  return ensured
}
