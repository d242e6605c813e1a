/** Puts questions to the server and matches the answers, over one subscription; what goes unanswered is asked again. */
import type { Msg } from "@nats-io/transport-node"
import type { BrokerError } from "../failure.ts"
import { failure, type Loss, lostAnswer, mayNotListen, mayNotPublish } from "./failures.ts"
import type { Link } from "./link.ts"
import {
  type Leading,
  type Pending,
  pendingQuestion,
  type Question,
  type Verdict
} from "./question.ts"
import type { Timing } from "./timing.ts"

/** In milliseconds. */
const longestPause = 250
const sweepEvery = 100

const nothing: ReadonlyArray<Leading> = []

export class Multiplexer {
  readonly #link: Link
  readonly #timing: Timing
  readonly #prefix: string
  readonly #pending = new Map<string, Pending>()
  #counter = 0
  #watch: NodeJS.Timeout | undefined
  #idle: Array<() => void> = []
  #closed = false
  #refusal: BrokerError | undefined
  #unansweredSince: number | undefined

  constructor(link: Link, timing: Timing) {
    this.#link = link
    this.#timing = timing
    this.#prefix = `${link.inbox}.`
    link.subscribe(
      `${this.#prefix}*`,
      (message) => this.#receive(message),
      () => this.#deaf()
    )
    // Whatever was written while the connection was down is lost, and so may be answers to what came before.
    link.onReconnect(() => {
      this.#unansweredSince = undefined
      // A copy: what is asked anew moves to the end, where it would be met again.
      const asked = Array.from(this.#pending.values())
      for (const pending of asked) {
        if (pending.resting) continue
        if (pending.unanswered) pending.doubtful = true
        this.#send(pending)
      }
    })
    link.onRefused((subject) => this.#refuse(subject))
    void link.ended.then((reason) => this.#end(reason))
  }

  ask(question: Question): void {
    const pending = pendingQuestion(question, this.#next(), this.#counter, this.#timing.pause)
    if (this.#refusal !== undefined) return question.fail(this.#refusal)
    if (this.#closed) return this.#give(pending, "closed")
    this.#pending.set(pending.token, pending)
    this.#watch ??= setInterval(() => this.#sweep(), sweepEvery).unref()
    if (this.#link.connected()) this.#send(pending)
  }

  /** Resolves when nothing is asked any more. */
  idle(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Since when the server, although connected, has not answered what would change something: epoch milliseconds. */
  get unansweredSince(): number | undefined {
    return this.#unansweredSince
  }

  #next(): string {
    this.#counter += 1
    return this.#counter.toString(36)
  }

  #send(pending: Pending): void {
    const { question } = pending
    if (pending.attempts > 0 && question.restart !== undefined) {
      this.#pending.delete(pending.token)
      pending.token = this.#next()
      this.#pending.set(pending.token, pending)
      question.restart()
    }
    if (pending.attempts > 0) question.repeat?.()
    pending.attempts += 1
    pending.unanswered = true
    pending.sentAt = Date.now()
    const { outbox } = this.#link
    const failed = (error: unknown): void => this.#notSent(pending, error)
    for (const { subject, payload, headers } of question.before?.() ?? nothing) {
      outbox.post(subject, payload, { headers: headers.forClient }, failed)
    }
    const reply = this.#prefix + pending.token
    const { subject, payload, headers } = question
    const options = headers === undefined ? { reply } : { reply, headers: headers.forClient }
    outbox.post(subject, payload, options, failed)
  }

  #notSent(pending: Pending, error: unknown): void {
    this.#pending.delete(pending.token)
    const { connection } = this.#link
    if (this.#closed || connection.isClosed() || connection.isDraining()) {
      return this.#give(pending, "closed")
    }
    pending.question.fail(failure("Misconfigured", `${pending.question.doing}: ${String(error)}`))
  }

  #receive(message: Msg): void {
    const pending = this.#pending.get(message.subject.slice(this.#prefix.length))
    if (pending === undefined) return
    if (message.data.length === 0 && message.headers?.code === 503) return this.#leaderless(pending)
    pending.leaderlessSince = 0
    pending.unanswered = false
    if (pending.question.writes) this.#unansweredSince = undefined
    const verdict = this.#hear(pending, message)
    if (verdict === "done") {
      this.#remove(pending)
    } else if (verdict === "more") {
      pending.sentAt = Date.now()
    } else {
      this.#rest(pending)
    }
  }

  #hear({ question, doubtful }: Pending, message: Msg): Verdict {
    try {
      return question.answer(message, doubtful)
    } catch (error) {
      question.fail(failure("Misconfigured", `${question.doing}: ${String(error)}`))
      return "done"
    }
  }

  /** No responders: nobody has taken the question, so nothing has happened either. */
  #leaderless(pending: Pending): void {
    pending.unanswered = false
    const now = Date.now()
    if (pending.leaderlessSince === 0) pending.leaderlessSince = now
    if (now - pending.leaderlessSince >= this.#timing.leaderless) this.#give(pending, "leaderless")
    else this.#rest(pending)
  }

  #rest(pending: Pending): void {
    pending.resting = true
    // Writers that refused each other must not come back in step: the spread comes from their order.
    const spread = 0.5 + (pending.order % 16) / 16
    setTimeout(() => {
      pending.resting = false
      if (this.#pending.get(pending.token) === pending && this.#link.connected())
        this.#send(pending)
    }, pending.pause * spread).unref()
    pending.pause = Math.min(pending.pause * 2, longestPause)
  }

  #sweep(): void {
    if (this.#pending.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      return
    }
    const now = Date.now()
    const connected = this.#link.connected()
    for (const pending of this.#pending.values()) {
      if (now - pending.askedAt >= (pending.question.patience ?? this.#timing.overall)) {
        if (pending.unanswered) pending.doubtful = true
        if (connected) this.#silent(pending)
        this.#give(pending, connected ? "silent" : "disconnected")
      } else if (connected && !pending.resting && now - pending.sentAt >= this.#timing.attempt) {
        if (pending.unanswered) pending.doubtful = true
        this.#silent(pending)
        this.#send(pending)
      }
    }
  }

  #silent({ question, sentAt }: Pending): void {
    if (question.writes) this.#unansweredSince ??= sentAt
  }

  #refuse(subject: string): void {
    for (const pending of this.#pending.values()) {
      if (pending.question.subject !== subject) continue
      this.#remove(pending)
      pending.question.fail(mayNotPublish(pending.question.doing, subject))
    }
  }

  /** Without our inbox no answer ever arrives. */
  #deaf(): void {
    this.#refusal = mayNotListen(this.#prefix)
    for (const pending of this.#pending.values()) {
      this.#remove(pending)
      pending.question.fail(this.#refusal)
    }
  }

  #give(pending: Pending, cause: Loss["cause"]): void {
    this.#remove(pending)
    const { writes, doing } = pending.question
    const waited = Date.now() - pending.askedAt
    pending.question.fail(
      lostAnswer({ doing, cause, waited, doubtful: writes && pending.doubtful }),
      cause
    )
  }

  #remove(pending: Pending): void {
    this.#pending.delete(pending.token)
    if (this.#pending.size > 0 || this.#idle.length === 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #end(reason: BrokerError | undefined): void {
    this.#closed = true
    this.#refusal ??= reason
    clearInterval(this.#watch)
    for (const pending of this.#pending.values()) {
      const { question } = pending
      if (pending.unanswered) pending.doubtful = true
      if (reason === undefined || (question.writes && pending.doubtful)) {
        this.#give(pending, "closed")
      } else {
        this.#remove(pending)
        question.fail(reason)
      }
    }
  }
}
