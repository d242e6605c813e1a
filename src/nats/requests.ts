/** Puts questions to the server and matches the answers, over one subscription; what goes unanswered is asked again. */
import type { Msg } from "@nats-io/transport-node"
import type { BrokerError } from "../broker/errors.ts"
import { failure, type Loss, lostAnswer, mayNotPublish, notSent } from "./messages.ts"
import type { Flow } from "./flow.ts"
import { Inbox } from "./reply-inbox.ts"
import type { Link } from "./connection.ts"
import { Outstanding } from "./outstanding.ts"
import {
  heed,
  pauseOf,
  type Pending,
  pendingQuestion,
  post,
  type Question,
  refuse,
  type Verdict
} from "./request.ts"
import { elapsed } from "../broker/time.ts"
import type { Timing } from "./timing.ts"
import { Probe } from "./flush-probe.ts"

const sweepEvery = 100

export class Multiplexer {
  readonly #link: Link
  readonly #timing: Timing
  readonly #inbox: Inbox
  readonly #probe: Probe
  readonly #pending = new Outstanding<Pending>()
  readonly #flow: Flow
  #watch: NodeJS.Timeout | undefined
  #idle: Array<() => void> = []
  #closed = false
  #unansweredSince: number | undefined

  constructor(link: Link, timing: Timing, flow: Flow) {
    this.#link = link
    this.#timing = timing
    this.#flow = flow
    flow.send = (pending) => link.connected() && this.#send(pending)
    this.#probe = new Probe(link)
    this.#inbox = new Inbox(
      link,
      (token, message) => this.#receive(token, message),
      (refusal) => this.#deaf(refusal)
    )
    // Whatever was written while the connection was down is lost, and so may be answers to what came before.
    link.onReconnect(() => {
      this.#unansweredSince = undefined
      const asked = [...this.#pending]
      this.#flow.restart(asked)
      for (const pending of asked) {
        if (pending.unanswered && !pending.resting) pending.doubtful = true
        if (!pending.resting) this.#send(pending)
      }
    })
    link.onRefused((subject) => this.#refuse(subject))
    void link.ended.then((reason) => this.#end(reason))
  }

  ask(question: Question): void {
    const pending = pendingQuestion(question, this.#timing.pause)
    if (this.#inbox.refusal !== undefined) return question.fail(this.#inbox.refusal)
    if (this.#closed) return this.#give(pending, "closed")
    const { signal } = question
    if (signal !== undefined && !heed(pending, signal, () => this.#give(pending))) return
    this.#add(pending)
    this.#watch ??= setInterval(() => this.#sweep(), sweepEvery).unref()
    if (this.#link.connected()) this.#send(pending)
  }

  /** Resolves when nothing is asked any more. */
  idle(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Since when the server, although connected, has not answered what would change something: by `elapsed`. */
  get unansweredSince(): number | undefined {
    return this.#unansweredSince
  }

  #add(pending: Pending): void {
    pending.number = this.#pending.add(pending)
    pending.token = pending.number.toString(36)
  }

  #send(pending: Pending): void {
    if (!this.#flow.admits(pending)) return
    const { question } = pending
    if (pending.attempts > 0 && question.restart !== undefined) {
      this.#pending.remove(pending.number)
      this.#add(pending)
      question.restart()
    }
    if (pending.attempts > 0) question.repeat?.()
    pending.attempts += 1
    pending.unanswered = true
    pending.sentAt = elapsed()
    const failed = (error: unknown): void => this.#notSent(pending, error)
    post(this.#link.outbox, question, this.#inbox.subject(pending.token), failed)
  }

  #notSent(pending: Pending, error: unknown): void {
    const { connection } = this.#link
    if (this.#closed || connection.isClosed() || connection.isDraining()) {
      return this.#give(pending, "closed")
    }
    this.#refused(pending, notSent(pending.question.doing, error, this.#link.maxPayload()))
  }

  #refused(pending: Pending, error: BrokerError): void {
    this.#remove(pending)
    refuse(pending, error)
  }

  #receive(token: string, message: Msg): void {
    const pending = this.#pending.at(Number.parseInt(token, 36))
    if (pending?.token !== token) return this.#flow.heard(token, message)
    if (message.data.length === 0 && message.headers?.code === 503) return this.#leaderless(pending)
    pending.leaderlessSince = 0
    pending.unanswered = false
    if (pending.question.writes) this.#unansweredSince = undefined
    const verdict = this.#hear(pending, message)
    if (verdict === "done") {
      this.#remove(pending)
    } else if (verdict === "more") {
      pending.sentAt = elapsed()
    } else {
      this.#rest(pending, verdict === "later")
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
    const now = elapsed()
    if (pending.leaderlessSince === 0) pending.leaderlessSince = now
    if (now - pending.leaderlessSince >= this.#timing.leaderless) this.#give(pending, "leaderless")
    else this.#rest(pending)
  }

  #rest(pending: Pending, long = false): void {
    pending.resting = true
    this.#flow.leave(pending)
    setTimeout(
      () => {
        pending.resting = false
        const isAsked = this.#pending.at(pending.number) === pending
        if (isAsked && this.#link.connected()) this.#send(pending)
      },
      pauseOf(pending, long)
    ).unref()
  }

  #sweep(): void {
    if (this.#pending.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      return
    }
    const now = elapsed()
    const connected = this.#link.connected()
    let overdue = false
    for (const pending of this.#pending) {
      if (connected && pending.waiting !== undefined) continue
      if (now - pending.askedAt >= (pending.question.patience ?? this.#timing.overall)) {
        if (pending.unanswered) pending.doubtful = true
        if (connected) this.#silent(pending)
        this.#give(pending)
      } else if (connected && !pending.resting && now - pending.sentAt >= this.#timing.attempt) {
        if (pending.unanswered) pending.doubtful = true
        this.#silent(pending)
        overdue = true
      }
    }
    if (overdue) this.#probe.ask((before) => this.#askAgain(before))
  }

  /** Asks again what is overdue, once the server has had all of it. */
  #askAgain(before: number): void {
    for (const pending of this.#pending) {
      if (!pending.resting && pending.sentAt <= before - this.#timing.attempt) this.#send(pending)
    }
  }

  #silent({ question, sentAt }: Pending): void {
    if (question.writes) this.#unansweredSince ??= sentAt
  }

  #refuse(subject: string): void {
    for (const pending of this.#pending) {
      if (pending.question.subject !== subject) continue
      this.#refused(pending, mayNotPublish(pending.question.doing, subject))
    }
  }

  /** Without our inbox no answer ever arrives. */
  #deaf(refusal: BrokerError): void {
    for (const pending of this.#pending) {
      if (pending.unanswered) pending.doubtful = true
      this.#refused(pending, refusal)
    }
  }

  #give(pending: Pending, why?: Loss["cause"]): void {
    if (why === undefined) this.#flow.abandon(pending)
    this.#remove(pending)
    const { writes, doing } = pending.question
    const waited = elapsed() - pending.askedAt
    const cause = why ?? (this.#link.connected() ? "silent" : "disconnected")
    const doubtful = writes && pending.doubtful
    const { obstacle } = this.#link.presence
    pending.question.fail(lostAnswer({ doing, cause, waited, doubtful, obstacle }), cause)
  }

  #remove(pending: Pending): void {
    pending.deafen?.()
    this.#pending.remove(pending.number)
    this.#flow.leave(pending)
    if (this.#pending.size > 0 || this.#idle.length === 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #end(reason: BrokerError | undefined): void {
    this.#closed = true
    this.#inbox.refusal ??= reason
    clearInterval(this.#watch)
    for (const pending of this.#pending) {
      if (pending.unanswered) pending.doubtful = true
      const inDoubt = pending.question.writes && pending.doubtful
      if (reason === undefined || inDoubt) this.#give(pending, "closed")
      else this.#refused(pending, reason)
    }
  }
}
