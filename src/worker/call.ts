/** Executes one call: one committed outcome, everything that follows from it, and only then the ack. */
import type { TaskDefinition } from "../define/definition.ts"
import { packMessage, type CallMessage, type Parcel } from "../encode/message.ts"
import type { SubjectParts } from "../encode/subjects.ts"
import type { Advancer } from "../engine/advancer.ts"
import { fenceOf, placeOf } from "../engine/frame.ts"
import type { Position, RunFacts } from "../engine/frame.ts"
import { nothing } from "../engine/value.ts"
import type { Delivery } from "../transport/broker.ts"
import { attempt, verdictOf, type AttemptOptions } from "./attempt.ts"
import type { WorkerLog } from "./log.ts"
import { bury, park, parkedBody } from "./parker.ts"
import { isSettled, runIsOver } from "./past.ts"
import { frameOf } from "./position.ts"
import { nextAttempt, resumeRetry, retry } from "./retrier.ts"

/** A call that waited this long in its queue is worth a look at its scope before it begins, in milliseconds. */
const longWait = 250

export interface ReceiverOptions extends AttemptOptions {
  readonly advancer: Advancer
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly log: WorkerLog
}

export class CallReceiver {
  readonly #options: ReceiverOptions

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  async receive(
    delivery: Delivery,
    run: RunFacts,
    parts: SubjectParts,
    parcel: Parcel<CallMessage>,
    free: () => void
  ): Promise<void> {
    const { engine, advancer, tasks, running, log } = this.#options
    const { message, slots } = parcel
    const suspicious =
      delivery.deliveries > 1 || delivery.fired || message.again === true || message.attempt > 1
    // Not so for a second delivery: the first may have closed the scope and died before what follows was done.
    if (!suspicious && running.hasClosed(run.address.owner, message.run, message.scopes)) {
      return delivery.ack()
    }
    const waited = message.scopes.length > 0 && engine.broker.now() - delivery.at > longWait
    const composite = message.frame !== undefined
    if (suspicious && (await runIsOver(engine, run, composite))) return delivery.ack()
    const frame = await frameOf(engine, run, message, slots[1])
    if (typeof frame === "string") return bury(engine, delivery, run.address, frame)
    const at: Position = { frame, node: message.node, ...indexOf(message.frame?.index) }
    if (suspicious && (await isSettled(engine, advancer, at))) return delivery.ack()
    if (suspicious && (await resumeRetry(engine, delivery, run, parcel))) return delivery.ack()
    if (waited && (await engine.records.outcome(run.address, fenceOf(at))) !== undefined) {
      return delivery.ack()
    }
    const task = tasks.get(message.task)
    if (task === undefined) {
      const body = parkedBody(message, slots)
      const wait = await park(engine, delivery, parts, message.step, message.parked ?? 0, body)
      return log.parked(message.task, "this worker does not serve it", wait)
    }
    const place = placeOf(at)
    const leave =
      place.kind === "i" && place.index !== "_"
        ? engine.joiner.enter(run.address, place.node)
        : () => {}
    try {
      const began = engine.broker.now()
      log.started(message, delivery.deliveries)
      const { execution, hints } = await attempt(this.#options, run, task, parcel)
      if (execution.as === "stopped" && execution.reason === "draining") {
        return await this.#giveBack(delivery, message, slots)
      }
      if (execution.as === "plan") {
        const expansion = await engine.frames.replace(at, execution.text)
        log.ended(message, "replaced", engine.broker.now() - began)
        leave()
        await advancer.begin({ frame: expansion, node: 0 }, nothing, {
          parent: message.step,
          again: suspicious
        })
        return delivery.ack()
      }
      const policy = message.policy?.retry ?? task.retry
      const wait = nextAttempt(policy, message.attempt, execution, hints)
      if (wait !== undefined && "text" in execution) {
        const left = await retry(engine, delivery, run, parcel, execution, wait)
        log.retried(message, execution.text, left)
        return delivery.ack()
      }
      const offered = verdictOf(engine, at, message, execution, began)
      const { verdict, ours } = await engine.records.commit(run, place, offered)
      log.ended(message, verdict.tag, verdict.ended - began, offered.value)
      leave()
      free()
      // Whoever closed the scope does what follows; unless it was an execution of this very call, and died.
      if (execution.as !== "stopped" || !ours) {
        await advancer.advance(at, verdict, suspicious || !ours)
      }
      delivery.ack()
    } finally {
      leave()
    }
  }

  /** A step interrupted by the stop of its worker costs no attempt: it is sent again and runs elsewhere. */
  async #giveBack(
    delivery: Delivery,
    message: CallMessage,
    slots: ReadonlyArray<string>
  ): Promise<void> {
    await this.#options.engine.broker.publish({
      subject: delivery.subject,
      body: packMessage({ ...message, again: true }, slots)
    })
    delivery.ack()
  }
}

/** The item of a map, where there is one. */
export const indexOf = (index: number | undefined): { readonly index?: number } =>
  index === undefined ? {} : { index }
