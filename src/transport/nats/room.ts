/**
 * How much more the broker takes: asked rarely, and often only near a limit.
 *
 * A call that was accepted needs room for its outcome. So runs are refused while there still is some (`kept`), and members
 * of groups and maps wait when three quarters of that are gone.
 */
import type { Begins } from "../broker.ts"
import type { BrokerError } from "../failure.ts"
import type { RoomHealth } from "../health.ts"
import { moreRoom } from "./answers.ts"
import type { Api } from "./api.ts"
import type { Ballast, SubjectsAnswer } from "./ballast.ts"
import { failure } from "./failures.ts"
import { accountLimit, whyDiscards } from "./max-bytes.ts"

interface AccountAnswer {
  readonly storage?: number
  readonly limits?: { readonly max_storage?: number }
  readonly tiers?: Readonly<
    Record<
      string,
      { readonly storage?: number; readonly limits?: { readonly max_storage?: number } }
    >
  >
}

interface StreamAnswer extends SubjectsAnswer {
  readonly config?: { readonly max_bytes?: number }
  readonly state?: SubjectsAnswer["state"] & { readonly bytes?: number }
}

/** A limit, and how far away it is: `RoomHealth` without what is kept back. */
export type Room = Omit<RoomHealth, "kept">

/** A tenth of a limit is kept back, and never more than this, in bytes. */
const mostKept = 1024 ** 3

/** How much of a limit is kept back for outcomes, in bytes. */
export const keptOf = (limit: number): number => Math.min(Math.ceil(limit / 10), mostKept)

/** In milliseconds: how long an answer is believed, the farther the limit the longer. */
const ages = { far: 30_000, nearer: 5_000, near: 500, guess: 20 } as const

/** After an answer that did not come, as where the user may not ask, in milliseconds. */
const mute = 300_000

/** For the answer to one question, in milliseconds. */
const patience = 1_500

const roomOf = (of: Room["of"], limit: number | undefined, used = 0): Room | undefined =>
  limit === undefined || limit <= 0
    ? undefined
    : { of, limit, used, left: Math.max(0, limit - used) }

/** The account's limit, in bytes of records: one without tiers counts every copy, one of a tier is for all copies together. */
const accountRoom = (
  { storage, limits, tiers }: AccountAnswer,
  replicas: number
): Room | undefined => {
  const tier = tiers?.[`R${replicas}`]
  if (tier !== undefined) return roomOf("account", tier.limits?.max_storage, tier.storage)
  const limit = limits?.max_storage
  return limit === undefined
    ? undefined
    : roomOf("account", Math.floor(limit / replicas), Math.ceil((storage ?? 0) / replicas))
}

/** The nearer of two limits. */
const nearer = (one: Room | undefined, other: Room | undefined): Room | undefined => {
  if (one === undefined || other === undefined) return one ?? other
  return one.left - keptOf(one.limit) <= other.left - keptOf(other.limit) ? one : other
}

const units = ["bytes", "KB", "MB", "GB", "TB"] as const

/** For example "1.9 MB". */
export const bytesInWords = (bytes: number): string => {
  const unit = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10))
  return `${unit === 0 ? bytes : (bytes / 1024 ** unit).toFixed(1)} ${units[unit]}`
}

/** For example "the account has 180.0 KB left of 2.0 MB (91 % used)". */
export const roomInWords = ({ of, limit, used, left }: Room): string =>
  `the ${of} has ${bytesInWords(left)} left of ${bytesInWords(limit)} (${Math.floor((used / limit) * 100)} % used)`

/** Why something is not begun now. */
const tooLittle = (room: Room, begins: Begins): BrokerError =>
  failure(
    "Full",
    `the broker has no room for more work: ${roomInWords(room)}, and ${bytesInWords(keptOf(room.limit))} are kept for the outcomes of what was accepted already. ${begins === "run" ? "Nothing was stored: start it again later." : "It waits."} ${moreRoom[room.of]}`
  )

const shortOf = (): BrokerError =>
  failure(
    "Full",
    `the broker has no room for more work: its server's limit was reached, and what is free is kept for the outcomes of what was accepted already. Nothing was stored: start it again later. ${moreRoom.server}`
  )

const exposed = (why: string): string =>
  `the stream would discard queued work when it is full, so nothing new is begun: ${why}.`

/** Said all the time: nobody would think of it when the account is full. */
const sized =
  "the stream has the whole storage of its account (max_bytes), and is safe for as long as the account's limit is no higher. Raise the two together, the account's first, and only while no worker and no client runs."

/** What health says of the room. */
interface RoomKnown {
  readonly room?: RoomHealth
  readonly problem?: string
  readonly note?: string
}

export interface RoomOptions {
  readonly api: Api
  readonly stream: string
  readonly replicas: number
  readonly ballast: Ballast
}

export class RoomWatch {
  readonly #options: RoomOptions
  #room: Room | undefined
  /** What may be begun by the last answer, in bytes, and what has been begun here since. */
  #free = 0
  #spent = 0
  #asked = -Infinity
  #believed: number = ages.near
  #laid = -Infinity
  #looking: Promise<void> | undefined
  /** Of a stream with a size of its own: whether it has one, and why it would discard work, if it would. */
  #sized = false
  #discards: string | undefined

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** The nearest limit, as it was last known. */
  get room(): Room | undefined {
    return this.#room
  }

  /** Whether something may begin; with the reason when it may not. */
  admit(bytes: number, begins: Begins): Promise<BrokerError | undefined> | BrokerError | undefined {
    this.#spent += bytes
    const age = performance.now() - this.#asked
    const refusal = this.#refusal(bytes, begins)
    // What this process has begun may be done by now: that alone is no reason to refuse.
    const guessed = refusal !== undefined && this.#free > 0 && age > ages.guess
    const much = this.#spent > this.#free / 4 && age > ages.near
    if (age <= this.#believed && !guessed && !much) return refusal
    const looked = this.look()
    return refusal !== undefined || this.#believed === ages.near
      ? looked.then(() => this.#refusal(bytes, begins))
      : undefined
  }

  #refusal(bytes: number, begins: Begins): BrokerError | undefined {
    if (this.#discards !== undefined) return failure("Full", exposed(this.#discards))
    const room = this.#room
    if (room === undefined) {
      return begins === "run" && this.#options.ballast.isShort ? shortOf() : undefined
    }
    const kept = keptOf(room.limit) / (begins === "run" ? 1 : 4)
    return room.left - Math.max(bytes, this.#spent) < kept ? tooLittle(room, begins) : undefined
  }

  /** Something was refused: what was known is no longer so. */
  doubt(): void {
    this.#asked = -Infinity
    this.#believed = ages.near
  }

  /** Asks the server. Never rejects. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    }))
  }

  async #look(): Promise<void> {
    const { api, stream, replicas, ballast } = this.#options
    const doing = "asking how much room is left"
    const spent = this.#spent
    const request = { subjects_filter: ballast.filter }
    try {
      const [account, streamed] = await Promise.all([
        api<AccountAnswer>("INFO", {}, doing, { patience }),
        api<StreamAnswer>(`STREAM.INFO.${stream}`, request, doing, { patience })
      ])
      ballast.see(streamed)
      const { config, state } = streamed
      this.#sized = (config?.max_bytes ?? -1) > 0
      this.#discards = whyDiscards(config?.max_bytes, replicas, accountLimit(account))
      const own = roomOf("stream", config?.max_bytes, state?.bytes)
      const room = nearer(accountRoom(account, replicas), own)
      this.#room = room
      ballast.fit(room?.limit)
      if (room === undefined) this.#unlimited()
      else {
        this.#free = room.left - keptOf(room.limit)
        const far = this.#free / room.limit
        this.#believed = far < 0.1 ? ages.near : far < 0.3 ? ages.nearer : ages.far
      }
    } catch {
      this.#room = undefined
      this.#free = Infinity
      this.#believed = mute
    }
    this.#spent -= spent
    this.#asked = performance.now()
  }

  /** The server has a limit, too, and nobody says how far that is: only that it was reached, by the ballast that is missing. */
  #unlimited(): void {
    const { ballast } = this.#options
    this.#free = ballast.isShort ? 0 : Infinity
    this.#believed = ballast.isShort ? ages.near : ages.far
    const now = performance.now()
    if (!ballast.isShort || now - this.#laid < ages.nearer) return
    // Where no worker runs that would.
    this.#laid = now
    void ballast.lay(false).catch(() => {})
  }

  /** For health: fresh, with what is kept back, and the sentence when that is all there is. */
  async health(): Promise<RoomKnown> {
    await this.look()
    const size = this.#sized ? { note: sized } : {}
    if (this.#discards !== undefined) return { problem: exposed(this.#discards) }
    const room = this.#room
    if (room === undefined) return {}
    const kept = keptOf(room.limit)
    const known = { ...size, room: { ...room, kept } }
    return room.left >= kept
      ? known
      : {
          ...known,
          problem: `${roomInWords(room)}: new runs are refused, so that there is room for the outcomes of those that were accepted. ${moreRoom[room.of]}`
        }
  }
}
