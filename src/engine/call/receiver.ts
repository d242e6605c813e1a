/** Reads what a delivery is and does it, unless it is a call to be executed: that is the worker's. */
import type { Soon } from "../../define/awaitable.ts"
import type {
  CallMessage,
  ExpandMessage,
  ExpireMessage,
  SleepMessage
} from "../../encode/message.ts"
import type { Delivery } from "../../broker/broker.ts"
import { fenceOf, isStart, type Position } from "../flow/position.ts"
import { cancel, atDeadline, endLate } from "../run/cancel.ts"
import { collect } from "../run/collect.ts"
import { scheduleRepair } from "../run/run-timers.ts"
import { startIn } from "../run/first-message-record.ts"
import type { Value } from "../value.ts"
import { ClosedScopes } from "./closed-scopes.ts"
import { handOverUnknown } from "./hand-over.ts"
import type { Handling } from "./handling.ts"
import { atExpiry, expire } from "./expiry.ts"
import { runIsOver, recheck, type Doubts } from "./recheck.ts"
import {
  mayBeKnown,
  callAt,
  jobOf,
  readDelivery,
  type Incoming,
  type Job,
  positionOf,
  whyNotCall
} from "./job.ts"
import { buryRun, setAside } from "./hopeless.ts"
import { isTooMany, lossesOf } from "./losses.ts"
import { quarantine } from "./quarantine.ts"
import { hasExpired } from "./times.ts"
import { wake } from "./wake.ts"

/** A call that waited this long in its queue is worth a look at its scope before it begins, in milliseconds. */
const longWait = 250

export class Receiver {
  readonly #handling: Handling
  readonly #scopes = new ClosedScopes()

  constructor(handling: Handling) {
    this.#handling = handling
  }

  /**
   * The job, where the delivery is a call that is to be executed here; else it is dealt with when this resolves: done, parked,
   * given up or buried. Rejects, or throws, when it could not be: see `Engine.failed`.
   */
  receive(delivery: Delivery): Soon<Job | void> {
    const incoming = readDelivery(delivery)
    if ("why" in incoming) return setAside(this.#handling, incoming)
    const { engine, cancels } = this.#handling
    const { run, parts, message, slots } = incoming
    switch (message.kind) {
      case "collect":
        return collect(engine, run, parts.index, startIn(message, slots)).then(() => delivery.ack())
      case "cancel":
        return (
          message.late === true ? atDeadline(engine, run) : cancel(engine, run, message.reason)
        ).then(() => delivery.ack())
      case "expire":
        return atExpiry(this.#handling, incoming as Incoming<ExpireMessage>).then(() =>
          delivery.ack()
        )
      case "expand":
      case "sleep":
      case "call":
        if (run.deadline !== undefined && engine.broker.now() >= run.deadline)
          return this.#tooLate(incoming)
        return cancels.matter ? this.#unlessCancelled(incoming) : this.#begin(incoming)
    }
  }

  #begin(incoming: Incoming): Soon<Job | void> {
    switch (incoming.message.kind) {
      case "expand":
        return this.#expand(incoming as Incoming<ExpandMessage>)
      case "sleep":
        return wake(this.#handling, incoming as Incoming<SleepMessage>)
      default:
        return this.#locate(incoming as Incoming<CallMessage>)
    }
  }

  /** Carries out the cancel of a run before anything of it begins, whoever else may do the same, or have died over it. */
  async #unlessCancelled(incoming: Incoming): Promise<Job | void> {
    const { engine, cancels } = this.#handling
    const { delivery, run } = incoming
    const reason = await cancels.reasonFor(run.address)
    if (reason === undefined) return this.#begin(incoming)
    await cancel(engine, run, reason)
    return delivery.ack()
  }

  /** Its deadline's own message is on its way, and may be behind this one. */
  async #tooLate({ delivery, run }: Incoming): Promise<void> {
    await endLate(this.#handling.engine, run)
    delivery.ack()
  }

  async #expand(incoming: Incoming<ExpandMessage>): Promise<void> {
    const { engine, advancer } = this.#handling
    const { delivery, run, message, slots } = incoming
    const again = mayBeKnown(delivery, message)
    if (again && (await runIsOver(engine, run))) return delivery.ack()
    const texts = [...slots]
    const input: Value =
      message.input === undefined ? { text: texts.shift() ?? "null" } : { reference: message.input }
    const at = await positionOf(engine, run, message, texts[0])
    if (typeof at === "string") return buryRun(this.#handling, incoming, at)
    const kept = isStart(at) ? () => scheduleRepair(engine, run, delivery) : undefined
    const beginning = { parent: message.parent, again, crossed: message.crossed === true }
    await advancer.begin(at, input, beginning, kept)
    delivery.ack()
  }

  #locate(incoming: Incoming<CallMessage>): Soon<Job | void> {
    const { engine, handlers } = this.#handling
    const { delivery, run, message, slots } = incoming
    // A closed scope, too: this worker may have slept while another took the call over, closed the scope and died.
    const mayBeOver =
      mayBeKnown(delivery, message) ||
      message.attempt > 1 ||
      handlers.hasClosed(run.address.owner, message.run, message.scopes)
    const waited = message.scopes.length > 0 && engine.broker.now() - delivery.at > longWait
    if (mayBeOver) {
      const find = () => positionOf(engine, run, message, slots[1])
      return this.#doubtful(incoming, { mayBeOver, waited, find })
    }
    const at = positionOf(engine, run, message, slots[1])
    const isSure =
      !(at instanceof Promise) &&
      (!waited || typeof at === "string" || this.#scopes.isOpen(engine, run.address, fenceOf(at)))
    return isSure
      ? this.#take(incoming, at)
      : this.#doubtful(incoming, { mayBeOver, waited, find: () => at })
  }

  async #doubtful(incoming: Incoming<CallMessage>, doubts: Doubts): Promise<Job | void> {
    const at = await recheck(this.#handling, this.#scopes, incoming, doubts)
    return at === undefined ? incoming.delivery.ack() : this.#take(incoming, at)
  }

  /** A call of which nothing speaks against its execution. */
  #take(incoming: Incoming<CallMessage>, at: Position | string): Soon<Job | void> {
    if (typeof at === "string") return buryRun(this.#handling, incoming, at)
    const { delivery, parts, message } = incoming
    const wrong = whyNotCall(at, message, parts)
    if (wrong !== undefined) return buryRun(this.#handling, incoming, wrong)
    if (message.times !== undefined && hasExpired(message, this.#handling.engine.broker.now())) {
      return expire(this.#handling, callAt(incoming, at))
    }
    const task = this.#handling.tasks.get(message.task)
    if (task === undefined) return handOverUnknown(this.#handling, callAt(incoming, at))
    const job = jobOf(incoming, at, task)
    return delivery.deliveries === 1 && message.again !== true ? job : this.#suspect(job)
  }

  /** A call of which executions may have been lost; given up when too many were. */
  async #suspect(job: Job): Promise<Job | void> {
    const { engine, crashes } = this.#handling
    const losses = await lossesOf(engine, job)
    if (losses.count === 0) return job
    if (isTooMany(losses, crashes)) return quarantine(this.#handling, job, losses)
    // Those that were spared among them: who was named instead of them shall not be beside them then.
    return { ...job, suspect: { losses, alone: losses.count >= crashes - 1 } }
  }
}
