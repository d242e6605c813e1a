/**
 * How much more the broker takes: asked rarely, and often only near a limit.
 *
 * A call that was accepted needs room for its outcome. So runs are refused while there still is some (`kept`), and members
 * of groups and maps wait when three quarters of that are gone.
 */
import type { Soon } from "../define/awaitable.ts"
import type { Begins, Spare } from "../broker/broker.ts"
import type { BrokerError } from "../broker/errors.ts"
import type { RoomHealth } from "../broker/health.ts"
import { moreRoom } from "./error-codes.ts"
import type { Api } from "./api.ts"
import type { Ballast, SubjectsAnswer } from "./ballast.ts"
import { failure } from "./messages.ts"
import { accountLimit, whyDiscards } from "./max-bytes.ts"
import { exposed, type Room, roomInWords, shortOf, sized, tooLittle } from "./room-words.ts"

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

/** A tenth of a limit is kept back, and never more than this, in bytes. */
const mostKept = 1024 ** 3

/** How much of a limit is kept back for outcomes, in bytes. */
export const keptOf = (limit: number): number => Math.min(Math.ceil(limit / 10), mostKept)

/** Of what is kept, how much is kept from what begins something. */
const shares: Readonly<Record<Begins, number>> = { run: 1, member: 1 / 4, waited: 1 / 8 }

const alike = (bytes: number): Spare => ({ run: bytes, member: bytes, waited: bytes, all: bytes })
const none = alike(0)
const unlimited = alike(Infinity)

/** Beyond a limit that nobody sees: nothing that begins fits, and yet there may be that much. */
const hidden: Spare = { run: 0, member: 0, waited: 512 * 1024, all: 512 * 1024 }

const keptFrom = ({ limit }: Room, begins: Begins): number => keptOf(limit) * shares[begins]

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
  { storage = 0, limits, tiers }: AccountAnswer,
  replicas: number,
  bytes: number
): Room | undefined => {
  const tier = tiers?.[`R${replicas}`]
  // Of copies elsewhere a server hears a second or two late; of our own stream we know better.
  const used = Math.max(bytes, tier?.storage ?? Math.ceil(storage / replicas))
  if (tier !== undefined) return roomOf("account", tier.limits?.max_storage, used)
  const { max_storage: limit } = limits ?? {}
  return limit === undefined ? undefined : roomOf("account", Math.floor(limit / replicas), used)
}

/** The nearer of two limits. */
const nearer = (one: Room | undefined, other: Room | undefined): Room | undefined => {
  if (one === undefined || other === undefined) return one ?? other
  return one.left - keptOf(one.limit) <= other.left - keptOf(other.limit) ? one : other
}

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

  /** How much may be begun by the last answer, or by another one where so many bytes are a good part of that. */
  spare(bytes: number): Soon<Spare> {
    const known = this.#spare()
    const close = bytes > known.run / 16 || this.#believed === ages.near
    const believed = close ? ages.guess : this.#believed
    if (bytes < Infinity && performance.now() - this.#asked <= believed) return known
    const looked = this.look()
    return close ? looked.then(() => this.#spare()) : known
  }

  #spare(): Spare {
    const room = this.#room
    if (this.#discards !== undefined) return none
    if (room === undefined) return this.#options.ballast.isShort ? hidden : unlimited
    const left = room.left - this.#spent
    const beyond = (begins: Begins): number => left - keptFrom(room, begins)
    return { run: beyond("run"), member: beyond("member"), waited: beyond("waited"), all: left }
  }

  #refusal(bytes: number, begins: Begins): BrokerError | undefined {
    if (this.#discards !== undefined) return failure("Full", exposed(this.#discards))
    const room = this.#room
    if (room === undefined) {
      return begins === "run" && this.#options.ballast.isShort ? shortOf() : undefined
    }
    const left = room.left - Math.max(bytes, this.#spent)
    return left < keptFrom(room, begins) ? tooLittle(room, keptOf(room.limit), begins) : undefined
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
      const room = nearer(accountRoom(account, replicas, state?.bytes ?? 0), own)
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
