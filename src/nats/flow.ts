/**
 * Bounds what a connection has on its way, in bytes: a server ends the connection of a client for which more waits than
 * its `max_pending` (64 MB unless configured), and says nothing.
 *
 * Parts of large values have windows of their own, so that nothing small stands behind them.
 */
import type { Msg } from "@nats-io/transport-node"
import { elapsed } from "../broker/time.ts"
import type { Pending } from "./request.ts"
import { Shares } from "./shares.ts"
import { Window } from "./window.ts"

const megabyte = 1024 * 1024

/**
 * What a record weighs whose size nobody knows before it is read: none of ours is larger (a value and as much again beside it,
 * with what tells of them), and the server writes it as base64.
 */
export const recordBytes = 700_000

/** Until an answer that nobody waits for any more is not believed to come, in milliseconds. */
const stillComes = 60_000

/** However often a server has cut the connection, so much is asked for at a time. */
const least = megabyte / 2

export class Flow {
  /** Parts of large values, to be read. */
  readonly values = new Window(8 * megabyte)
  /** Everything else that is read. */
  readonly records = new Window(24 * megabyte)
  /** Calls that the server may hand out. */
  readonly calls = new Shares(8 * megabyte)
  readonly #parts = new Window(8 * megabyte)
  readonly #writes = new Window(16 * megabyte)
  /** Asked, and given up before the answer was here: by token, what it takes until then. */
  readonly #owed = new Map<string, Pending>()
  /** Called with a question that had to wait for room, when there is some. */
  send: (pending: Pending) => void = () => {}

  /** Whether a question may be sent now; otherwise it is when there is room for it. */
  admits(pending: Pending): boolean {
    const { question } = pending
    if (pending.room !== undefined || question.last === true) return true
    const bytes = question.writes ? question.payload.length : (question.expects ?? 0)
    if (bytes === 0) return true
    const room = this.#roomFor(question)
    pending.bytes = bytes
    if (room.take(bytes)) {
      pending.room = room
      return true
    }
    const since = elapsed()
    const waiting = room.wait(bytes, () => {
      pending.waiting = undefined
      pending.room = room
      // It is not the server that let this wait.
      pending.askedAt += elapsed() - since
      this.send(pending)
    })
    pending.waiting = { room, waiting }
    // Nothing is overdue of it.
    pending.sentAt = Infinity
    return false
  }

  /** A question has its answer, or asks no more. */
  leave(pending: Pending): void {
    const { room, waiting } = pending
    pending.room = undefined
    pending.waiting = undefined
    room?.give(pending.bytes)
    waiting?.room.forget(waiting.waiting)
  }

  /** Nobody waits for the answer any more; if there is to be one, it takes its room until it is here. */
  abandon(pending: Pending): void {
    const { room, token, bytes, question } = pending
    if (room === undefined || question.writes) return
    const owed = { ...pending, room, bytes }
    pending.room = undefined
    this.#owed.set(token, owed)
    setTimeout(() => this.#settle(token), stillComes).unref()
  }

  /** An answer has come that nobody waits for. */
  heard(token: string, message: Msg): void {
    const owed = this.#owed.get(token)
    if (owed === undefined || isMore(owed, message)) return
    this.#settle(token)
  }

  #settle(token: string): void {
    const owed = this.#owed.get(token)
    this.#owed.delete(token)
    if (owed !== undefined) this.leave(owed)
  }

  /** A new connection owes nothing: whoever asks is let in anew, a few at a time. */
  restart(asked: ReadonlyArray<Pending>): void {
    // First those that wait, or they would be sent as the others leave, and then again.
    for (const pending of asked) {
      pending.waiting?.room.drop(pending.waiting.waiting)
      pending.waiting = undefined
    }
    for (const pending of asked) this.leave(pending)
    for (const token of this.#owed.keys()) this.#settle(token)
  }

  /** Bytes that are asked for now, at most; of calls, those that come, not those that are waited for. */
  get asked(): number {
    return this.values.taken + this.records.taken + this.calls.arriving
  }

  /** The most that is asked for at a time. */
  get most(): number {
    return this.values.most + this.records.most + this.calls.most
  }

  /** Asks for half as much from now on. */
  narrow(): void {
    if (this.most <= least) return
    for (const part of [this.values, this.records, this.calls]) part.narrow(part.most / 2)
  }

  #roomFor({ writes, large }: Pending["question"]): Window {
    if (writes) return large === true ? this.#parts : this.#writes
    return large === true ? this.values : this.records
  }
}

/** Whether more of an answer is to come. Whoever has asked hears nothing of it. */
const isMore = ({ question }: Pending, message: Msg): boolean => {
  try {
    return question.answer(message, false) === "more"
  } catch {
    return false
  }
}
