/** A question to the server, and what is known about it while it waits for its answer. */
import type { Msg } from "@nats-io/transport-node"
import type { BrokerError } from "../broker/errors.ts"
import { type Loss, mayBeStored } from "./messages.ts"
import type { HeaderBlock } from "./headers.ts"
import { elapsed } from "../broker/time.ts"
import type { Outbox } from "./write-batcher.ts"
import type { Waiting, Window } from "./window.ts"

/** What an answer means: all is said; more messages belong to it; or ask again after a pause, or after a long one. */
export type Verdict = "done" | "more" | "again" | "later"

/** A message that belongs to a question and comes before it. */
export interface Leading {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: HeaderBlock
}

export interface Question {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: HeaderBlock | undefined
  /** True when asking may change something: a lost answer is then `Unknown`. */
  readonly writes: boolean
  /** How many bytes may come back, as far as that is known. Default: too few to count. */
  readonly expects?: number | undefined
  /** About a part of a large value: nothing small stands behind it. */
  readonly large?: boolean | undefined
  /** Asked in the last moment of this process: it does not wait for room. */
  readonly last?: boolean | undefined
  /** What is being done, for the error message. */
  readonly doing: string
  /** How long to go on asking, in milliseconds. Default: as long as anything is asked. */
  readonly patience?: number | undefined
  /** Ends the asking before that. */
  readonly signal?: AbortSignal | undefined
  /** `doubtful`: an earlier attempt went unanswered, so that this answer may be about our own first try. */
  answer(message: Msg, doubtful: boolean): Verdict
  /** `cause` is there when the answer was lost, rather than a refusal. */
  fail(error: BrokerError, cause?: Loss["cause"]): void
  /** The server takes no message of this size (any more). Default: `fail`. */
  tooLarge?(error: BrokerError, doubtful: boolean): void
  /** Called before every attempt but the first; an answer of several messages begins anew. */
  restart?(): void
  /** Called before every attempt but the first, which may have been heard. */
  repeat?(): void
  /** What is sent right before the question, in every attempt anew; nobody answers it. */
  before?(): ReadonlyArray<Leading>
}

export interface Pending {
  readonly question: Question
  /** Of its subject for answers: its number among all that is asked, which is 0 before it is. */
  token: string
  number: number
  /** Later by what it had to wait for room here. */
  askedAt: number
  sentAt: number
  attempts: number
  /** The last attempt was sent, and nothing has come back. */
  unanswered: boolean
  /** Any attempt was left unanswered. */
  doubtful: boolean
  leaderlessSince: number
  pause: number
  /** Waits for its pause to end, and is left alone until then. */
  resting: boolean
  /** No longer listens to the signal of whoever asks. */
  deafen: (() => void) | undefined
  /** What it takes of a window while it is asked, or waits for. */
  bytes: number
  room: Window | undefined
  waiting: { readonly room: Window; readonly waiting: Waiting } | undefined
}

export const pendingQuestion = (question: Question, pause: number): Pending => {
  const now = elapsed()
  return {
    question,
    token: "",
    number: 0,
    askedAt: now,
    sentAt: now,
    attempts: 0,
    unanswered: false,
    doubtful: false,
    leaderlessSince: 0,
    pause,
    resting: false,
    deafen: undefined,
    bytes: 0,
    room: undefined,
    waiting: undefined
  }
}

/** Has a question withdrawn when whoever asks has waited enough; at once, and `false`, when that is so already. */
export const heed = (pending: Pending, signal: AbortSignal, withdraw: () => void): boolean => {
  const end = (): void => {
    // What was sent cannot be called back.
    if (pending.unanswered) pending.doubtful = true
    withdraw()
  }
  if (signal.aborted) {
    end()
    return false
  }
  signal.addEventListener("abort", end, { once: true })
  pending.deafen = () => signal.removeEventListener("abort", end)
  return true
}

/** In milliseconds. */
const longestPause = 250
/** Of whoever overran the server. */
const longPause = 1_000

/** How long to wait before asking again, in milliseconds; the next time longer. */
export const pauseOf = (pending: Pending, long: boolean): number => {
  const pause = long ? longPause : pending.pause
  pending.pause = Math.min(pending.pause * 2, longestPause)
  // Writers that refused each other must not come back in step: the spread comes from their order.
  return pause * (0.5 + (pending.number % 16) / 16)
}

/** Tells whoever asks that it is refused, although an earlier try may have been heard. */
export const refuse = ({ question, doubtful }: Pending, error: BrokerError): void => {
  if (error.reason === "TooLarge" && question.tooLarge !== undefined) {
    question.tooLarge(error, doubtful)
  } else question.fail(question.writes && doubtful ? mayBeStored(error) : error)
}

const nothing: ReadonlyArray<Leading> = []

/** Sends a question, and what comes before it. */
export const post = (
  outbox: Outbox,
  question: Question,
  reply: string,
  failed: (error: unknown) => void
): void => {
  for (const { subject, payload, headers } of question.before?.() ?? nothing) {
    outbox.post(subject, payload, { headers: headers.forClient }, failed)
  }
  const { subject, payload, headers } = question
  const options = headers === undefined ? { reply } : { reply, headers: headers.forClient }
  outbox.post(subject, payload, options, failed)
}
