/**
 * Records that hold nothing but room: given up when an outcome can find none, and put back when there is some.
 *
 * Starts are refused before a limit is reached, but hundreds of processes look at different moments, another stream may
 * take what is left, and the limit of a server cannot be seen at all. Removing a record frees its bytes at once.
 */
import { ballastSubject } from "../encode/subjects.ts"
import type { Publication, Published } from "../broker/broker.ts"
import { BrokerError } from "../broker/errors.ts"
import { type Api, sound } from "./api.ts"

/** Small enough that what is given up is hardly more than what is needed. */
const pieces = 32

/** Of a limit, and in bytes where none is known; for all pieces together. */
const share = 0.02
const unknownLimit = 512 * 1024

/** Of one piece, in bytes. */
const smallest = 512
const largest = 512 * 1024

/** What a record takes besides its body, in bytes. */
const overhead = 150

/** How long it is believed that nothing is left to give up, in milliseconds. */
const dryFor = 2_000

/** How much of it is given up at a time where only the next try says whether it was enough. */
const round = 4

interface Piece {
  readonly subject: string
  readonly number: number
  readonly bytes: number
}

export interface BallastOptions {
  readonly api: Api
  readonly stream: string
  readonly namespace: string
  /** The largest record that the server takes. */
  /** The largest record accepted, in bytes, as the broker says now. */
  readonly maxBytes: () => number
  /** Told that something was refused for want of room. */
  readonly refused: () => void
  readonly store: (publications: ReadonlyArray<Publication>) => Promise<Published>
}

/** An answer to `STREAM.INFO` that lists what `filter` finds. */
export interface SubjectsAnswer {
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> }
}

export class Ballast {
  readonly #options: BallastOptions
  #size: number
  /** As it was last seen; `undefined` before. */
  #held: number | undefined
  /** What was there when it was last found to be too little, and until when that is believed. */
  #left = 0
  #dryUntil = -Infinity
  #giving: Promise<void> | undefined
  #refusals = 0

  constructor(options: BallastOptions) {
    this.#options = options
    this.#size = Math.min(unknownLimit / pieces, options.maxBytes())
  }

  /** How often something was refused for want of room, in this process. */
  get refusals(): number {
    return this.#refusals
  }

  /** Some of it was given up, so that a limit was reached, and is not put back. One piece less than all is put back last of all. */
  get isShort(): boolean {
    return this.#held !== undefined && this.#held > 0 && this.#held < pieces - 1
  }

  /** Some of it was given up. */
  get isGiven(): boolean {
    return this.#held !== undefined && this.#held > 0 && this.#held < pieces
  }

  get isWhole(): boolean {
    return this.#held === pieces
  }

  /** Sizes it for a limit. */
  fit(limit: number | undefined): void {
    const all = limit === undefined ? unknownLimit : limit * share
    const size = Math.min(largest, Math.max(smallest, Math.floor(all / pieces)))
    this.#size = Math.min(size, this.#options.maxBytes())
  }

  /** What finds all of it. */
  get filter(): string {
    return ballastSubject(this.#options.namespace, "*", "*")
  }

  /** What is there, the piece that stays first. */
  async look(): Promise<ReadonlyArray<Piece>> {
    const { api, stream } = this.#options
    const doing = "looking at the room that is kept back"
    const request = { subjects_filter: this.filter }
    return this.see(
      sound(doing, await api<SubjectsAnswer>(`STREAM.INFO.${stream}`, request, doing))
    )
  }

  /** Learns from an answer what is there. */
  see({ state }: SubjectsAnswer): ReadonlyArray<Piece> {
    const found = Object.keys(state?.subjects ?? {}).map((subject) => ({
      subject,
      number: Number(subject.slice(subject.lastIndexOf(".") + 1)),
      bytes: Number(subject.split(".").at(-2)) + overhead
    }))
    this.#held = found.length
    return found.toSorted((left, right) => left.number - right.number)
  }

  /**
   * Something found no room: gives up some, so that it can be tried again. False when that would not help. `bytes` is how much
   * it needs; 0 where only another try can say.
   */
  give(bytes: number): boolean {
    this.#refusals += 1
    this.#options.refused()
    if (this.#giving === undefined) {
      if (performance.now() < this.#dryUntil && (bytes === 0 || bytes > this.#left)) return false
      this.#giving = this.#give(bytes).finally(() => {
        this.#giving = undefined
      })
    }
    return true
  }

  /** Something that may not take this room was refused: the first piece says so to everybody else. */
  flag(): void {
    this.#refusals += 1
    this.#options.refused()
    if (this.#giving !== undefined || performance.now() < this.#dryUntil) return
    this.#dryUntil = performance.now() + dryFor
    this.#giving = this.look()
      .then((found) => (found.length === pieces ? this.#remove(found.slice(-2)) : undefined))
      .catch(() => undefined)
      .finally(() => {
        this.#giving = undefined
      })
  }

  async #give(bytes: number): Promise<void> {
    const found = await this.look().catch((): ReadonlyArray<Piece> => [])
    // The first piece stays: without any, it would look as if there had never been one.
    const spare = found.slice(1)
    const all = spare.reduce((sum, piece) => sum + piece.bytes, 0)
    if (spare.length === 0 || bytes > all) {
      this.#left = all
      this.#dryUntil = performance.now() + dryFor
      return
    }
    let freed = 0
    let count = 0
    while (count < spare.length && (count < round || freed < bytes)) {
      freed += spare[count]!.bytes
      count += 1
    }
    await this.#remove(spare.slice(0, count)).catch(() => undefined)
  }

  async #remove(some: ReadonlyArray<Piece>): Promise<void> {
    const { api, stream } = this.#options
    const doing = "giving up room that was kept back"
    await Promise.all(
      some.map(({ subject }) => api<object>(`STREAM.PURGE.${stream}`, { filter: subject }, doing))
    )
    if (this.#held !== undefined) this.#held -= some.length
  }

  /**
   * Puts back what is missing, but for the last piece, which `whole` adds: it says that all is as it should be. False when
   * there is no room for it.
   */
  async lay(whole: boolean): Promise<boolean> {
    const size = this.#size
    const found = await this.look()
    // Of a limit that has been changed since.
    const wrong = found.filter(({ bytes }) => bytes - overhead < size / 2 || bytes > size * 4)
    await this.#remove(wrong)
    const there = new Set(
      found.filter((piece) => !wrong.includes(piece)).map((piece) => piece.number)
    )
    const missing = Array.from({ length: whole ? pieces : pieces - 1 }, (_, piece) => piece)
      .filter((piece) => !there.has(piece))
      .map((piece) => this.#piece(size, piece))
    // The first time all at once: one that is half there looks as if a part of it had been given up.
    const loads = there.size === 0 ? [missing] : missing.map((piece) => [piece])
    try {
      for (const load of loads) if (load.length > 0) await this.#options.store(load)
      return true
    } catch (cause) {
      if (cause instanceof BrokerError && cause.reason === "Full") return false
      throw cause
    } finally {
      await this.look()
    }
  }

  #piece(size: number, piece: number): Publication {
    const subject = ballastSubject(this.#options.namespace, String(size), String(piece))
    return { subject, unless: subject, body: new Uint8Array(size), begins: "member" }
  }
}
