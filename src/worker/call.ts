/** Executes one call: one committed outcome, everything that follows from it, and only then the ack. */
import type { TaskDefinition } from "../define/definition.ts"
import { kinds } from "../encode/kinds.ts"
import { type CallMessage } from "../encode/message.ts"
import { packMessage, type Parcel } from "../encode/parcel.ts"
import { runIdOf, type SubjectParts } from "../encode/subjects.ts"
import { needsOfStart } from "../engine/needs.ts"
import { commitAt } from "../engine/committer.ts"
import { scheduleRepair } from "../engine/run/schedule.ts"
import { fenceOf, isStart, placeOf, type Position, type RunFacts } from "../engine/frame.ts"
import { nothing } from "../engine/value.ts"
import type { Verdict } from "../engine/verdict.ts"
import type { Delivery } from "../transport/broker.ts"
import { attempt, otherContract, verdictOf, type AttemptOptions } from "./attempt.ts"
import { type Carried, carry, isStillInTime } from "./carry.ts"
import { deadLetter } from "./dead-letter.ts"
import { giveBack } from "./give-back.ts"
import { quarantine } from "./give-up.ts"
import { known } from "./parker.ts"
import { type Doubts, hasClosed, lookedUp } from "./doubts.ts"
import { lookAfter } from "./overrun.ts"
import { isDecided, mayBeKnown, mayHaveGone, runIsOver } from "./past.ts"
import { positionOf, whyNotCall } from "./position.ts"
import { nextAttempt, retry } from "./retrier.ts"
import type { Revoked } from "./revoked.ts"
import { ScopeLooks } from "./scope-looks.ts"
import type { Slot } from "./slots.ts"
import { Alone, isTooMany, lossesOf, strike } from "./strikes.ts"
import { leave, type Leaving } from "./unknown-task.ts"
import { handOn } from "./other-version.ts"

/** A call that waited this long in its queue is worth a look at its scope before it begins, in milliseconds. */
const longWait = 250

const inNoScope = (): void => {}

export interface ReceiverOptions extends AttemptOptions, Leaving {
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  /** How many workers a call may cost before it is given up. */
  readonly crashes: number
  readonly revoked: Revoked
}

/** Ends the run of a call that can never be done, keeps the call as a dead letter, and acks it. */
export type Bury = (delivery: Delivery, parts: SubjectParts, why: string) => Promise<void>

export class CallReceiver {
  readonly #options: ReceiverOptions
  readonly #bury: Bury
  readonly #suspects = new Alone()
  readonly #scopes = new ScopeLooks()

  constructor(options: ReceiverOptions, bury: Bury) {
    this.#options = options
    this.#bury = bury
  }

  receive(
    delivery: Delivery,
    run: RunFacts,
    parts: SubjectParts,
    parcel: Parcel<CallMessage>,
    slot: Slot
  ): Promise<void> {
    const { engine, running } = this.#options
    const { message, slots } = parcel
    // A closed scope, too: this worker may have slept while another took the call over, closed the scope and died.
    const mayBeOver =
      mayBeKnown(delivery, message) || message.attempt > 1 || hasClosed(running, run, message)
    const waited = message.scopes.length > 0 && engine.broker.now() - delivery.at > longWait
    if (mayBeOver) {
      const find = () => positionOf(engine, run, message, slots[1])
      return this.#carefully(delivery, run, parts, parcel, slot, { mayBeOver, waited, find })
    }
    const at = positionOf(engine, run, message, slots[1])
    const isSure =
      !(at instanceof Promise) &&
      (!waited || typeof at === "string" || this.#scopes.isOpen(engine, run.address, fenceOf(at)))
    return isSure
      ? this.#begin(delivery, at, parts, parcel, slot)
      : this.#carefully(delivery, run, parts, parcel, slot, { mayBeOver, waited, find: () => at })
  }

  async #carefully(
    delivery: Delivery,
    run: RunFacts,
    parts: SubjectParts,
    parcel: Parcel<CallMessage>,
    slot: Slot,
    doubts: Doubts
  ): Promise<void> {
    const at = await lookedUp(this.#options, this.#scopes, delivery, run, parts, parcel, doubts)
    return at === undefined ? delivery.ack() : this.#begin(delivery, at, parts, parcel, slot)
  }

  /** Executes a call of which nothing speaks against that. */
  #begin(
    delivery: Delivery,
    at: Position | string,
    parts: SubjectParts,
    parcel: Parcel<CallMessage>,
    slot: Slot
  ): Promise<void> {
    const { message } = parcel
    if (typeof at === "string") return this.#bury(delivery, parts, at)
    const wrong = whyNotCall(at, message, parts)
    if (wrong !== undefined) return this.#bury(delivery, parts, wrong)
    const task = this.#options.tasks.get(message.task)
    if (task === undefined) return leave(this.#options, delivery, at, parts, parcel)
    if (delivery.deliveries === 1 && message.again !== true) {
      return this.#execute(delivery, at, task, parcel, slot)
    }
    return this.#again(delivery, at, message, () => this.#execute(delivery, at, task, parcel, slot))
  }

  /** Executes a call of which executions were lost, unless too many were. */
  async #again(
    delivery: Delivery,
    at: Position,
    message: CallMessage,
    execute: () => Promise<void>
  ): Promise<void> {
    const { engine, running } = this.#options
    const { run } = at.frame
    const { crashes } = this.#options
    const losses = await lossesOf(engine, run, message, delivery)
    if (losses.count === 0) return execute()
    if (isTooMany(losses, crashes)) return quarantine(this.#options, delivery, at, message, losses)
    // Whose next loss may be its last runs without other suspects, so that none is given up for another's fault; those
    // that were spared among them: who was named instead of them shall not be beside them then.
    const begin = async (): Promise<void> => {
      const { owner } = run.address
      const { deliveries } = delivery
      // What was lost before a first delivery has been noted by whoever found it; where nothing begins, nothing is lost.
      if (deliveries === 1 || running.stopped !== undefined) return execute()
      running.take(engine.broker, { owner, run: message.run, step: message.step, deliveries })
      await strike(this.#options, run, message, losses)
      return execute()
    }
    return losses.count >= crashes - 1 ? this.#suspects.run(begin) : begin()
  }

  async #execute(
    delivery: Delivery,
    at: Position,
    task: TaskDefinition,
    parcel: Parcel<CallMessage>,
    slot: Slot
  ): Promise<void> {
    const { engine, advancer, running, log } = this.#options
    const { message } = parcel
    const { run } = at.frame
    const id = runIdOf(run.address)
    const again = mayBeKnown(delivery, message)
    const place = placeOf(at)
    const leave =
      place.kind === kinds.outcome && place.index !== "_"
        ? engine.joiner.enter(run.address, place.node)
        : inNoScope
    const starts = isStart(at)
    const room = starts ? engine.growth.enter(needsOfStart(delivery)) : undefined
    const left = room instanceof Promise ? await room : room
    // Stored before anything follows from the start; the handler need not wait for it.
    const kept = starts ? scheduleRepair(engine, run, delivery) : undefined
    kept?.catch(() => {})
    try {
      const began = engine.broker.now()
      log.started(id, message, delivery.deliveries)
      const attempted = attempt(this.#options, run, task, parcel, delivery)
      const ended = attempted instanceof Promise ? await attempted : attempted
      const { execution, hints } = ended
      lookAfter(this.#options, slot, id, message, ended)
      if (execution.as !== "value") slot.executed()
      // No ack: it would take the call away from whoever executes it now.
      if (execution.as === "stopped" && execution.reason === "lost") return log.lost(id, message)
      if (execution.as === "stopped" && execution.reason === "draining") {
        const sent = packMessage({ ...known(message), again: true }, parcel.slots)
        return await giveBack(engine, delivery, sent)
      }
      if (kept !== undefined) await kept
      if (execution.as === "foreign") {
        return await handOn(this.#options, delivery, at, parcel, task, execution)
      }
      // A run that failed meanwhile may have been collected, and its fences with it.
      if (mayHaveGone(engine, place, began) && (await runIsOver(engine, run))) return delivery.ack()
      if (execution.as === "plan") {
        const expansion = await engine.frames.replace(
          at,
          execution.text,
          otherContract(engine, at, message, task)
        )
        log.ended(id, message, "replaced", engine.broker.now() - began)
        leave()
        // Another execution may have decided the step, or its scope have closed, before the expansion could be found.
        if (await isDecided(engine, advancer, at)) return delivery.ack()
        await advancer.begin({ frame: expansion, node: 0 }, nothing, {
          parent: message.step,
          again
        })
        return delivery.ack()
      }
      const policy = message.policy?.retry ?? task.retry
      const wait = nextAttempt(policy, message.attempt, execution, hints)
      if (wait !== undefined && "text" in execution) {
        const left = await retry(engine, delivery, run, parcel, execution, wait)
        log.retried(id, message, execution, left)
        return delivery.ack()
      }
      if (execution.as === "crashed" && execution.misfit === true) {
        const { message: words } = JSON.parse(execution.text) as { readonly message: string }
        await deadLetter(engine, delivery, run.address, message.step, words)
      }
      const offered = verdictOf(engine, at, message, execution, began, task)
      const next = again ? undefined : this.#next(delivery, at, offered)
      // The slot is kept for the next step.
      if (next === undefined) slot.executed()
      const { verdict, ours } = await commitAt(engine, at, offered)
      const goesOn =
        next !== undefined &&
        ours &&
        !running.stopping &&
        !hasClosed(running, run, message) &&
        isStillInTime(engine, next)
      if (!goesOn) slot.stored()
      // Not so where only the answer to our own write was lost.
      const other = verdict.worker !== offered.worker || verdict.began !== offered.began
      if (!ours && other && execution.as !== "stopped") log.fenced(id, message, verdict.tag)
      const told = verdict.tag === offered.tag ? offered.value : verdict.value
      log.ended(id, message, verdict.tag, verdict.ended - began, told)
      leave()
      if (goesOn) return await this.#execute(next.delivery, next.at, next.task, next.parcel, slot)
      // Whoever closed the scope does what follows; unless it was an execution of this very call, and died.
      if (execution.as !== "stopped" || !ours) {
        const followed = advancer.advance(at, verdict, again || !ours)
        if (followed !== undefined) await followed
      }
      return delivery.ack()
    } finally {
      leave()
      left?.()
    }
  }

  /** The step this worker goes on with when the outcome of this one is stored. */
  #next(delivery: Delivery, at: Position, offered: Verdict): Carried | undefined {
    const { engine, running, tasks } = this.#options
    return running.stopping ? undefined : carry(engine, tasks, delivery, at, offered)
  }
}
