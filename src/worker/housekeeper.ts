/**
 * Looks, rarely, for queues in which calls wait while no worker takes from them: says so, and gives their calls up when
 * that has lasted for as long as patience does.
 *
 * What counts is for how long nobody has served a queue while somebody looked, never how long its calls have waited: a
 * backlog of hours is not lost because all of its workers were away for a moment. What one worker has seen it tells the
 * others, so that the count goes on in whoever starts while it is there.
 */
import { randomInt } from "node:crypto"
import { normalLevel } from "../encode/subjects.ts"
import { oldestIn, taskIn, unservedWords } from "../engine/index.ts"
import type { Broker, LaneState } from "../broker/broker.ts"
import { Blind } from "./blind.ts"
import type { Clearing } from "./clearing.ts"
import type { Print } from "../define/print.ts"
import type { Pauses } from "./pauses.ts"
import { RollCall, type Suspect } from "./roll-call.ts"
import type { Ticks } from "./ticks.ts"
import { expiredWords, type Watched } from "./watched.ts"

/** Between two looks, in milliseconds, more or less. */
const usual = 30_000

/** The same while a queue is watched. */
const watchful = 10_000

/** So long nobody serves a queue before that is told, in milliseconds: a restart is no news. */
const noticeable = 15_000

/** The same where calls are out: a worker whose event loop is blocked holds them until its lease has ended, twice. */
const blocked = 60_000

/** After so many milliseconds without a look, what was seen before is no longer taken to have lasted. */
const gap = 90_000

/** For how long it is believed that a queue is served whose workers have said so, in milliseconds. */
const believed = 30_000

/** For how long what moves in a queue is taken to be the doing of somebody who gives calls up, in milliseconds. */
const clearedFor = 60_000

export interface HousekeeperOptions {
  readonly broker: Broker
  /** Queues that are served here. */
  readonly served: ReadonlySet<string>
  /** Milliseconds. */
  readonly patience: number
  readonly print: Print
  readonly clearing: Clearing
  readonly pauses: Pauses
  readonly ticks: Ticks
  /** Ends those calls of such a queue whose time is over; answers with how many. */
  readonly endExpired: (lane: LaneState) => Promise<number>
}

export class Housekeeper {
  readonly #options: HousekeeperOptions
  readonly #rollCall: RollCall
  readonly blind: Blind
  readonly #watched = new Map<string, Watched>()
  /** What others have seen: since when, and when they said so. */
  readonly #heard = new Map<string, { readonly since: number; readonly at: number }>()
  readonly #servedAt = new Map<string, number>()
  readonly #clearedAt = new Map<string, number>()
  #returning: { stop(): void } | undefined
  #cancel = (): void => {}
  #stopped = false

  constructor(options: HousekeeperOptions) {
    this.#options = options
    this.blind = new Blind(options.print)
    this.#rollCall = new RollCall(options.broker, options.served, options.pauses)
  }

  async start(): Promise<void> {
    const { broker } = this.#options
    await this.#rollCall.open({
      suspected: (suspect) => this.#suspected(suspect),
      served: (queue) => this.#served(queue),
      cleared: (queue) => void this.#clearedAt.set(queue, broker.elapsed())
    })
    // Whoever was cut off has seen nothing meanwhile, and those who serve a queue are just coming back, too.
    this.#returning = broker.onReconnect(() => {
      this.#heard.clear()
      for (const watched of this.#watched.values()) watched.since = broker.elapsed()
    })
    this.#plan()
  }

  /** Tells that calls are taken here from now on. */
  begin(): void {
    this.#rollCall.serve()
  }

  /** Looks no more; resolves when nothing is in hand. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    this.#returning?.stop()
    this.#rollCall.stop()
    this.#options.pauses.end()
    await this.#options.clearing.stop()
  }

  /** A sentence for each queue that nobody serves, and for what is wrong with schedules. */
  problems(): ReadonlyArray<string> {
    const unserved = [...this.#watched.values()].flatMap((watched) =>
      watched.told ? [this.#words(watched)] : []
    )
    return [...unserved, ...this.#rollCall.problems(), ...this.#options.ticks.problems()]
  }

  #plan(): void {
    const { broker, patience } = this.#options
    const most =
      this.#watched.size > 0 ? Math.min(watchful, patience / 3) : Math.min(usual, patience)
    const interval = Math.max(Math.round(most), 300)
    // Spread, so that workers that were started together do not ask together.
    const wait = Math.round(interval * 0.7) + randomInt(Math.ceil(interval * 0.6))
    this.#cancel = broker.after(wait, () => {
      void this.#look()
        .catch((cause: unknown) => this.blind.failed(cause))
        .finally(() => {
          if (!this.#stopped) this.#plan()
        })
    })
  }

  async #look(): Promise<void> {
    const { broker } = this.#options
    const lanes = await broker.lanes()
    this.blind.sees()
    await this.#options.ticks.look(lanes)
    const suspects = new Map(
      lanes.flatMap((lane) => (this.#isSuspect(lane) ? [[lane.queue, lane] as const] : []))
    )
    for (const [queue, { seenAt }] of this.#watched) {
      if (suspects.has(queue)) continue
      const lane = lanes.find((lane) => lane.queue === queue)
      // One that has no leader now is not listed.
      if (lane === undefined && broker.elapsed() - seenAt < gap) continue
      if (lane !== undefined && lane.pending + lane.out > 0) this.#served(queue)
      else this.#forget(queue, "no calls wait on it any more")
    }
    if (suspects.size === 0) return
    const now = broker.elapsed()
    const answered = await this.#rollCall.ask(
      [...suspects.keys()].map((queue) => ({ queue, lasts: now - this.#sinceOf(queue, now) }))
    )
    if (answered === undefined) return
    for (const [queue, lane] of suspects) {
      if (this.#stopped) return
      if (!answered.has(queue)) await this.#watch(queue, lane, now)
    }
  }

  /** Whether calls wait there and nothing that the broker knows says that somebody serves it. */
  #isSuspect(lane: LaneState): boolean {
    const { served, broker, patience } = this.#options
    const { queue, level, pending, out, asking, mark } = lane
    if (level !== normalLevel || served.has(queue) || pending + out === 0) return false
    const now = broker.elapsed()
    const toldAt = this.#servedAt.get(queue)
    if (toldAt !== undefined && now - toldAt < Math.min(believed, patience)) return false
    // Whoever gives calls up asks for them, too.
    const clearedAt = this.#clearedAt.get(queue)
    if (clearedAt !== undefined && now - clearedAt < clearedFor) return true
    const before = this.#watched.get(queue)
    return asking === 0 && (before === undefined || before.lane.mark === mark)
  }

  /** Since when nobody has served a queue, as far as it was seen here or by others. */
  #sinceOf(queue: string, now: number): number {
    const watched = this.#watched.get(queue)
    if (watched !== undefined && now - watched.seenAt < gap) {
      // What a broker did not answer for longer than that, nobody could serve.
      return watched.since + Math.max(0, now - watched.seenAt - 2 * watchful)
    }
    const heard = this.#heard.get(queue)
    return heard !== undefined && now - heard.at < gap ? heard.since : now
  }

  async #watch(queue: string, lane: LaneState, now: number): Promise<void> {
    const { broker, patience, print, clearing } = this.#options
    const before = this.#watched.get(queue)
    const since = this.#sinceOf(queue, now)
    const watched: Watched = {
      since,
      seenAt: now,
      looks: (before?.looks ?? 0) + 1,
      lane,
      task: before?.task,
      told: before?.told ?? false
    }
    this.#watched.set(queue, watched)
    const lasts = now - since
    const least = lane.out > 0 ? blocked : Math.min(noticeable, patience / 2)
    if (watched.looks < 2 || lasts < least) return
    const oldest = await oldestIn(broker, lane)
    if (oldest === undefined || this.#watched.get(queue) !== watched) return
    watched.task = taskIn(oldest)
    if (!watched.told) print(this.#words(watched))
    watched.told = true
    const expired = await this.#options.endExpired(lane)
    if (expired > 0) print(expiredWords(queue, expired))
    // A call that came late has its own patience.
    if (lasts < patience || oldest.at + patience > broker.now() || this.#stopped) return
    const cleared = await clearing.clear(lane, () => {
      this.#clearedAt.set(queue, broker.elapsed())
      this.#rollCall.clear(queue)
    })
    if (cleared === 0) return
    print(
      `queue "${queue}": ${cleared === 1 ? "1 call that no worker took is a dead letter" : `${cleared} calls that no worker took are dead letters`} now; deadLetters.list() shows them, and deadLetters.redrive(id, { queue }) has them done elsewhere`
    )
  }

  #words({ since, lane, task }: Watched): string {
    const { broker, patience } = this.#options
    const { queue, pending, out } = lane
    const lasts = broker.elapsed() - since
    return unservedWords({ queue, calls: pending + out, task, lasts }, patience)
  }

  #suspected({ queue, lasts }: Suspect): void {
    const at = this.#options.broker.elapsed()
    const since = at - lasts
    this.#heard.set(queue, { since, at })
    const watched = this.#watched.get(queue)
    if (watched !== undefined && since < watched.since) watched.since = since
  }

  #served(queue: string): void {
    const { broker, clearing } = this.#options
    this.#servedAt.set(queue, broker.elapsed())
    this.#heard.delete(queue)
    clearing.leave(queue)
    this.#forget(queue, "a worker takes from it again")
  }

  #forget(queue: string, why: string): void {
    const watched = this.#watched.get(queue)
    this.#watched.delete(queue)
    if (watched?.told === true) this.#options.print(`queue "${queue}": ${why}`)
  }
}
