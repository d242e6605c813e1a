/** Turns one delivery into one committed outcome and everything that follows from it, then lets go of it. */
import { moved, placeOf, runPlace, fenceOf, stepOf, describePosition } from "../engine/frame.ts"
import type { Position, RunFacts } from "../engine/frame.ts"
import type { Advancer } from "../engine/advancer.ts"
import { collect, scheduleCollection } from "../engine/collector.ts"
import type { Engine } from "../engine/context.ts"
import { nothing, type Value } from "../engine/value.ts"
import type { Verdict } from "../engine/verdict.ts"
import { parseSubject, runIdOf, type SubjectParts } from "../encode/subjects.ts"
import { packMessage, Unreadable, unpackMessage } from "../encode/message.ts"
import type { CallMessage, ExpandMessage, Parcel } from "../encode/message.ts"
import { newToken } from "../encode/identity.ts"
import type { Delivery } from "../transport/broker.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { execute, type Execution } from "./executor.ts"
import type * as Context from "effect/Context"
import { bury, park, parkedBody } from "./parker.ts"
import { frameOf, runFactsOf } from "./position.ts"
import type { Running } from "./running.ts"
import type { WorkerLog } from "./log.ts"

/** A call that waited this long in its queue is worth a look at its scope before it begins, in milliseconds. */
const longWait = 250

export interface ReceiverOptions {
  readonly engine: Engine
  readonly advancer: Advancer
  readonly tasks: ReadonlyMap<string, TaskDefinition>
  readonly running: Running
  readonly services: Context.Context<never>
  /** Milliseconds, for tasks and calls that name none. */
  readonly timeout: number
  readonly log: WorkerLog
}

export class Receiver {
  readonly #options: ReceiverOptions

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  async receive(delivery: Delivery, free: () => void): Promise<void> {
    const { engine, log } = this.#options
    const parts = parseSubject(delivery.subject)
    const parcel = unpackMessage(delivery.body)
    if (parts === undefined) return bury(engine, delivery, undefined, "a subject that is not ours")
    if (parcel instanceof Unreadable) {
      if (parcel.why === "newer") {
        const wait = await park(engine, delivery, parts, newToken(), 7, delivery.body)
        return log.parked(parts.task, parcel.message, wait)
      }
      log.buried(delivery.subject, parcel.message)
      return bury(engine, delivery, parts, parcel.message)
    }
    const { message, slots } = parcel
    if (message.kind === "outcome" || message.kind === "frame" || message.kind === "dead") {
      return bury(engine, delivery, parts, `a ${message.kind} on a queue`)
    }
    if (message.run !== parts.run) {
      return bury(engine, delivery, parts, "its run is not the one of its subject")
    }
    const run = runFactsOf(parts, message)
    switch (message.kind) {
      case "collect":
        await collect(engine, run)
        return delivery.ack()
      case "expand":
        return this.#expand(delivery, run, { message, slots })
      case "call":
        return this.#call(delivery, run, parts, { message, slots }, free)
    }
  }

  async #expand(delivery: Delivery, run: RunFacts, parcel: Parcel<ExpandMessage>): Promise<void> {
    const { engine, advancer } = this.#options
    const { message, slots } = parcel
    const again = delivery.deliveries > 1 || delivery.fired || message.again === true
    if (again && (await this.#runIsOver(run, true))) return delivery.ack()
    const texts = [...slots]
    const input: Value =
      message.input === undefined ? { text: texts.shift() ?? "null" } : { reference: message.input }
    const frame = await frameOf(engine, run, message, texts[0])
    if (typeof frame === "string") return bury(engine, delivery, run.address, frame)
    const at: Position = { frame, node: message.node, ...indexOf(message.frame.index) }
    await advancer.begin(at, input, { parent: message.parent, again })
    delivery.ack()
  }

  async #call(
    delivery: Delivery,
    run: RunFacts,
    parts: SubjectParts,
    parcel: Parcel<CallMessage>,
    free: () => void
  ): Promise<void> {
    const { engine, advancer, tasks, running, log } = this.#options
    const { message, slots } = parcel
    if (running.hasClosed(run.address.owner, message.run, message.scopes)) return delivery.ack()
    const suspicious =
      delivery.deliveries > 1 || delivery.fired || message.again === true || message.attempt > 1
    const waited = message.scopes.length > 0 && engine.broker.now() - delivery.at > longWait
    const composite = message.frame !== undefined
    if (suspicious && (await this.#runIsOver(run, composite))) return delivery.ack()
    const frame = await frameOf(engine, run, message, slots[1])
    if (typeof frame === "string") return bury(engine, delivery, run.address, frame)
    const at: Position = { frame, node: message.node, ...indexOf(message.frame?.index) }
    if (suspicious && (await this.#isSettled(at, message))) return delivery.ack()
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
      const execution = await this.#execute(delivery, run, task, parcel)
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
      const offered = this.#verdict(at, message, execution, began)
      const { verdict, ours } = await engine.records.commit(run, place, offered)
      log.ended(message, verdict.tag, verdict.ended - began, offered.value)
      leave()
      free()
      // Whoever closed the scope holds a call of its own until everything that follows is done.
      if (execution.as !== "stopped") await advancer.advance(at, verdict, suspicious || !ours)
      delivery.ack()
    } finally {
      leave()
    }
  }

  /** Whether the run has its outcome. What the end of a run owes is done again, in case it was not. */
  async #runIsOver(run: RunFacts, composite: boolean): Promise<boolean> {
    const { engine } = this.#options
    if ((await engine.records.outcome(run.address, runPlace)) === undefined) return false
    if (composite) await scheduleCollection(engine, run)
    return true
  }

  /** Whether the step needs no execution: it has its outcome or its replacement, or its scope has closed. */
  async #isSettled(at: Position, message: CallMessage): Promise<boolean> {
    const { engine, advancer } = this.#options
    const { run } = at.frame
    const [own, scope, expansion] = await Promise.all([
      engine.records.outcome(run.address, placeOf(at)),
      engine.records.outcome(run.address, fenceOf(at)),
      engine.frames.find(run, stepOf(at))
    ])
    if (own !== undefined) {
      await advancer.advance(at, own, true)
      return true
    }
    if (scope !== undefined) return true
    if (expansion === undefined) return false
    await advancer.begin(moved({ frame: expansion, node: 0 }, 0), nothing, {
      parent: message.step,
      again: true
    })
    return true
  }

  async #execute(
    delivery: Delivery,
    run: RunFacts,
    task: TaskDefinition,
    { message, slots }: Parcel<CallMessage>
  ): Promise<Execution> {
    const { engine, running, services, log } = this.#options
    const id = runIdOf(run.address)
    const input = await this.#input(run, message, slots[0] ?? "[]")
    log.started(message, delivery.deliveries)
    const started = execute({
      task,
      input,
      services,
      timeout: message.policy?.timeout ?? task.timeout ?? this.#options.timeout,
      step: {
        run: id,
        id: message.step,
        parent: message.parent,
        task: message.task,
        attempt: message.attempt,
        worker: engine.worker,
        idempotencyKey: `${id}/${message.step}`,
        headers: message.headers ?? {}
      }
    })
    const leave = running.enter({
      owner: run.address.owner,
      run: message.run,
      scopes: message.scopes,
      stop: started.stop
    })
    return started.ended.finally(leave)
  }

  async #input(run: RunFacts, message: CallMessage, given: string): Promise<string> {
    const { records } = this.#options.engine
    if (message.args !== undefined) return records.resolve(run.address, { reference: message.args })
    if (message.first === undefined) return given
    const first = await records.resolve(run.address, { reference: message.first })
    return given === "[]" ? `[${first}]` : `[${first},${given.slice(1)}`
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

  #verdict(
    at: Position,
    message: CallMessage,
    execution: Exclude<Execution, { readonly as: "plan" }>,
    began: number
  ): Verdict {
    const { engine } = this.#options
    const tags = {
      value: "Succeeded",
      failed: "Failed",
      crashed: "Crashed",
      timedOut: "TimedOut"
    } as const
    const tag = execution.as === "stopped" ? "Cancelled" : tags[execution.as]
    const text =
      execution.as === "stopped" ? JSON.stringify({ reason: "its scope ended" }) : execution.text
    return {
      tag,
      value: { text },
      step: message.step,
      attempt: message.attempt,
      worker: engine.worker,
      began,
      ended: engine.broker.now(),
      ...(tag === "Succeeded"
        ? {}
        : {
            decided: {
              step: message.step,
              task: message.task,
              attempt: message.attempt,
              place: describePosition(at)
            }
          })
    }
  }
}

const indexOf = (index: number | undefined): { readonly index?: number } =>
  index === undefined ? {} : { index }
