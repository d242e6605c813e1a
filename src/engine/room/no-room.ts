/**
 * Keeps what a full broker cannot store until it can: a handler that has ended is not executed again for want of room for its
 * outcome. As long as outcomes wait, the worker takes no further calls.
 */
import type { Begins, Broker, IfFull, Publication, Published } from "../../broker/broker.ts"
import { BrokerError } from "../../broker/errors.ts"
import { Growth } from "./growth.ts"
import { Kept } from "./kept.ts"

/** Room that is short for less than this is worth no line, in milliseconds. */
const noticeable = 2_000

/** Between two lines about it, in milliseconds. */
const quiet = 60_000

/** A record of up to so many bytes that finds no room says that nothing does. */
const small = 16 * 1024

/** So many larger ones may wait while smaller work goes on, which may make room for them. */
const mostLarge = 32

/** A member that has waited for so long may take more of the room that is kept for outcomes, in milliseconds. */
const longWait = 10_000

/** Who is told that there is no room, and that there is some again. */
export interface RoomLog {
  readonly full: (words: string) => void
  readonly roomAgain: (milliseconds: number) => void
}

const isFull = (cause: unknown): cause is BrokerError =>
  cause instanceof BrokerError && cause.reason === "Full"

export class NoRoom {
  /** The same broker, which keeps what finds no room instead of refusing it. */
  readonly broker: Broker
  /** Lets groups and maps begin as there is room for them. */
  readonly growth: Growth
  readonly #asked: Broker
  readonly #log: RoomLog
  readonly #outcomes: Kept
  readonly #members: Kept
  readonly #changed = new Set<() => void>()
  /** Whether anything may wait; where nothing does, nothing else is looked at. */
  #waits = false
  #since: number | undefined
  /** Of the last record that found no room, and of the last member. */
  #why = ""
  #whyMembers = ""
  #toldAt = -Infinity
  #told = false
  #stopped = false

  constructor(broker: Broker, log: RoomLog) {
    this.#asked = broker
    this.#log = log
    const change = (): void => this.#change()
    this.#outcomes = new Kept(broker, change)
    this.#members = new Kept(broker, change)
    this.growth = new Growth({ broker, isShort: () => this.#keeps, changed: change })
    const keep: IfFull = async (full, publication, signal) =>
      this.#keep(full, publication.begins, publication.body.length, (begins) =>
        broker.publish(begins === undefined ? publication : { ...publication, begins }, signal)
      )
    this.broker = {
      ...broker,
      publish: (publication, signal) => broker.publish(publication, signal, keep),
      publishTogether: (publications, signal) =>
        broker
          .publishTogether(publications, signal)
          .catch((cause: unknown) =>
            this.#keep(cause, undefined, bytesOf(publications), () =>
              broker.publishTogether(publications, signal)
            )
          )
    }
  }

  /** No call is begun: outcomes, or what follows from them, wait for room, or as many groups and maps as may wait here. */
  get isFull(): boolean {
    if (!this.#waits) return false
    const { size, smallest } = this.#outcomes
    return (size > 0 && (smallest <= small || size >= mostLarge)) || this.growth.isCrowded
  }

  /** Anything waits for room, be it only groups and maps, or members of these, that are not begun yet. */
  get isShort(): boolean {
    return this.#waits && (this.#keeps || this.growth.waiting > 0)
  }

  get #keeps(): boolean {
    return this.#waits && this.#outcomes.size + this.#members.size > 0
  }

  onChange(callback: () => void): void {
    this.#changed.add(callback)
  }

  /** Resolves when calls may begin. */
  async room(): Promise<void> {
    while (this.isFull) {
      await new Promise<void>((tell) => {
        const look = (): void => {
          if (this.isFull) return
          this.#changed.delete(look)
          tell()
        }
        this.#changed.add(look)
      })
    }
  }

  /** What waits, for health, and why that is. */
  get problem(): { readonly words: string; readonly why: string } | undefined {
    const { size } = this.#outcomes
    if (size > 0) return { words: waitsForRoom(size, this.isFull), why: this.#why }
    const members = this.#members.size + this.growth.stuck
    if (members === 0) return undefined
    const words = `there is no room to begin calls of groups and maps: ${members} ${members === 1 ? "waits" : "wait"}, so that what was accepted before can end`
    return { words, why: this.#whyMembers }
  }

  /** Says what is at stake when the worker is stopped now. */
  sayWhatWaits(): void {
    const { size } = this.#outcomes
    if (size === 0) return
    this.#log.full(
      `this worker is stopped while there is no room: ${size} ${size === 1 ? "record waits" : "records wait"} in its memory, of handlers that have ended. What finds room within the grace is stored; the handlers of the rest are executed again elsewhere. ${this.#why}`
    )
  }

  /** Waits no more: what is kept is given up, and its calls are executed again elsewhere. */
  stop(): void {
    this.#stopped = true
    this.#outcomes.giveUp()
    this.#members.giveUp()
    this.growth.stop()
  }

  /** What was refused is stored when there is room, if that was why. */
  #keep(
    cause: unknown,
    begins: Begins | undefined,
    bytes: number,
    store: (begins?: Begins) => Promise<Published>
  ): Promise<Published> {
    if (!isFull(cause) || this.#stopped) throw cause
    if (begins === undefined) this.#why = cause.message
    else this.#whyMembers = cause.message
    if (begins === undefined) return this.#outcomes.keep(bytes, cause, store)
    const since = this.#asked.elapsed()
    // What has begun and cannot go on would be in the way of everything else.
    const waited = (): Begins => (this.#asked.elapsed() - since > longWait ? "waited" : begins)
    return this.#members.keep(bytes, cause, () => store(waited()))
  }

  #change(): void {
    this.#waits = this.#outcomes.size + this.#members.size + this.growth.waiting > 0
    const now = this.#asked.elapsed()
    const waits = this.#outcomes.size > 0
    if (waits && this.#since === undefined) {
      this.#since = now
      this.#asked.after(noticeable, () => this.#tell(now))
    }
    if (!waits && this.#since !== undefined) {
      if (this.#told && !this.#stopped) this.#log.roomAgain(now - this.#since)
      this.#told = false
      this.#since = undefined
    }
    for (const callback of this.#changed) callback()
  }

  #tell(since: number): void {
    const now = this.#asked.elapsed()
    if (this.#since !== since || this.#stopped || now - this.#toldAt < quiet) return
    this.#toldAt = now
    this.#told = true
    this.#log.full(`${waitsForRoom(this.#outcomes.size, this.isFull)}. ${this.#why}`)
  }
}

const waitsForRoom = (records: number, isFull: boolean): string =>
  `${isFull ? "nothing can be stored, so no further calls are taken" : "what is large cannot be stored"}: ${records} ${records === 1 ? "record waits" : "records wait"} here for room (outcomes of calls that are done, and what follows from them), and will be stored without executing anything again. Make room first, and do not restart this worker: what waits is in its memory`

const bytesOf = (publications: ReadonlyArray<Publication>): number =>
  publications.reduce((sum, { body }) => sum + body.length, 0)
