/** Starts runs and reads their outcomes over one broker; what `App` and the Effect `Client` stand on. */
import { millisecondsOf } from "../define/duration.ts"
import type { Json, PlanNode } from "../define/plan.ts"
import type { StartSettings } from "../define/start.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { newInstance, newRun } from "../encode/identity.ts"
import { encodeInput } from "../encode/input.ts"
import { addressOf, instanceOfKey, runIdOf, type RunAddress } from "../encode/subjects.ts"
import { requestCancel } from "../engine/run/canceller.ts"
import { keepWithin, type RunFacts } from "../engine/frame.ts"
import type { FirstMessage } from "../engine/run/starter.ts"
import { Records } from "../engine/records.ts"
import { type Caller, pointAt } from "../result/caller.ts"
import type { DeadLetters } from "../result/dead-letter.ts"
import { UnknownRun } from "../result/failure.ts"
import type { Run, RunStatus } from "../result/run.ts"
import type { Broker } from "../transport/broker.ts"
import { printNotice } from "../transport/nats/open.ts"
import type { AppOptions, RunOptions } from "./app.ts"
import { claimOf } from "./claim.ts"
import { checkedOwner, checkedWorkflow } from "./checked.ts"
import { deadLettersOf } from "./dead-letters.ts"
import { dispatch, dispatchBefore, firstMessageOf } from "./dispatcher.ts"
import { NobodyServes } from "./nobody.ts"
import { notLonger } from "./not-longer.ts"
import { outcomeOf, valueOf } from "./report.ts"
import { Replies } from "./replies.ts"
import { standing } from "./standing.ts"
import { absent, Waiter, type Waiting } from "./waiter.ts"

/** A run before its workflow's types are put on it. */
export type AnyRun = Run<unknown, unknown>

export class Runs {
  readonly broker: Broker
  readonly deadLetters: DeadLetters
  readonly #records: Records
  readonly #waiting: Waiting
  readonly #owner: string
  readonly #instance = newInstance()

  constructor(broker: Broker, options: AppOptions = {}) {
    this.broker = broker
    this.#records = new Records(broker)
    this.deadLetters = deadLettersOf(this.#records)
    this.#owner = checkedOwner(options.owner ?? "app")
    this.#waiting = {
      records: this.#records,
      replies: new Replies(broker, this.#owner, this.#instance),
      nobody: new NobodyServes(broker, options.print ?? printNotice),
      keep: keepWithin(millisecondsOf("retention", options.retention ?? "1 hour"))
    }
  }

  open(): Promise<void> {
    return this.#waiting.replies.open()
  }

  close(): Promise<void> {
    return this.#waiting.replies.close()
  }

  async run(
    workflow: AnyWorkflow,
    input: unknown,
    options: RunOptions,
    caller: Caller
  ): Promise<unknown> {
    try {
      if (options.within !== undefined) millisecondsOf("within", options.within)
      options.signal?.throwIfAborted()
      const waiter = await this.#start(workflow, input, caller)
      const { signal, within } = options
      if (signal !== undefined || within !== undefined) {
        return await notLonger(waiter, options, (verdict) =>
          valueOf(this.#records, waiter.address, workflow, verdict)
        )
      }
      const value = valueOf(this.#records, waiter.address, workflow, await waiter.verdict())
      return value instanceof Promise ? await value : value
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  async start(workflow: AnyWorkflow, input: unknown, caller: Caller): Promise<AnyRun> {
    try {
      return this.#handle(workflow, await this.#start(workflow, input, caller), caller)
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  async cancel(id: string, caller: Caller): Promise<RunStatus> {
    const address = this.#addressIn(id, caller)
    const waiter = this.#waiterOf(address)
    try {
      return await this.#cancel(address, waiter)
    } catch (cause) {
      throw pointAt(cause, caller)
    } finally {
      waiter.stop()
    }
  }

  attach(id: string, workflow: AnyWorkflow, caller: Caller): AnyRun {
    const address = this.#addressIn(id, caller)
    checkedWorkflow(workflow, "the second argument of attach", caller)
    return this.#handle(workflow, this.#waiterOf(address), caller)
  }

  #addressIn(id: string, caller: Caller): RunAddress {
    const address = addressOf(id)
    if (address === undefined) {
      throw pointAt(
        new UnknownRun({
          run: id,
          message: `${JSON.stringify(id.slice(0, 80))} is not the id of a run: an id looks like app-k3j5…-0m5x…, as start(…) gives it in run.id`
        }),
        caller
      )
    }
    return address
  }

  /** Resolves when the work is stored. */
  #start(workflow: AnyWorkflow, input: unknown, caller: Caller): Promise<Waiter> {
    checkedWorkflow(workflow, "the first argument", caller)
    const encoded = encodeInput(workflow, input)
    const { plan, start } = workflow["~arpeggio"]
    const now = this.broker.now()
    if (start !== undefined) return this.#startWith(workflow, encoded, start, now)
    const address = this.#newAddress(this.#instance, now)
    const run = { address, keep: this.#waiting.keep }
    const message = firstMessageOf(this.#records, workflow, encoded, run)
    return message instanceof Promise
      ? message.then((message) => this.#dispatch(address, plan, message))
      : this.#dispatch(address, plan, message)
  }

  /** Listens, and then has it stored. */
  async #dispatch(address: RunAddress, plan: PlanNode, message: FirstMessage): Promise<Waiter> {
    const waiter = new Waiter(this.#waiting, address, plan)
    try {
      await dispatch(this.#records, message)
      return waiter
    } catch (cause) {
      waiter.stop()
      throw cause
    }
  }

  /** Starts with what was said about the workflow as a whole. */
  async #startWith(
    workflow: AnyWorkflow,
    encoded: Json,
    { key, deadline }: StartSettings,
    now: number
  ): Promise<Waiter> {
    const { plan } = workflow["~arpeggio"]
    const instance = key === undefined ? this.#instance : instanceOfKey(key)
    const run: RunFacts = {
      address: this.#newAddress(instance, now),
      keep: this.#waiting.keep,
      ...(deadline === undefined
        ? {}
        : { deadline: "at" in deadline ? deadline.at : now + deadline.after })
    }
    const message = await firstMessageOf(this.#records, workflow, encoded, run)
    if (key !== undefined) {
      const claim = claimOf(key, plan, encoded)
      return this.#waiterOf(await dispatchBefore(this.#records, run, message, claim))
    }
    const waiter = new Waiter(this.#waiting, run.address, plan)
    try {
      await dispatchBefore(this.#records, run, message, undefined)
      return waiter
    } catch (cause) {
      waiter.stop()
      throw cause
    }
  }

  #newAddress(instance: string, now: number): RunAddress {
    return { owner: this.#owner, instance, run: newRun(now) }
  }

  /** Waits for a run that is listened for by itself: another process's, or one with a key. */
  #waiterOf(address: RunAddress): Waiter {
    return new Waiter(this.#waiting, address)
  }

  #handle(workflow: AnyWorkflow, waiter: Waiter, caller: Caller): AnyRun {
    const { address } = waiter
    return {
      id: runIdOf(address),
      outcome: async () => {
        try {
          return await outcomeOf(this.#records, address, workflow, await waiter.verdict())
        } catch (cause) {
          throw pointAt(cause, caller)
        }
      },
      result: async () => {
        try {
          return await valueOf(this.#records, address, workflow, await waiter.verdict())
        } catch (cause) {
          throw pointAt(cause, caller)
        }
      },
      cancel: async () => {
        try {
          return await this.#cancel(address, waiter)
        } catch (cause) {
          throw pointAt(cause, caller)
        }
      },
      status: async () => {
        const known = await standing(this.#records, address, this.#waiting.keep)
        return typeof known === "string" ? known : known.tag
      }
    }
  }

  async #cancel(address: RunAddress, waiter: Waiter): Promise<RunStatus> {
    const known = await standing(this.#records, address, this.#waiting.keep)
    if (known === "newer") return known
    if (known === "unknown" || known === "expired") throw absent(address, known, this.#waiting.keep)
    if (typeof known !== "string") return known.tag
    await requestCancel(
      this.#records,
      { address, keep: this.#waiting.keep },
      "cancelled on request"
    )
    try {
      return (await waiter.verdict()).tag
    } catch (cause) {
      if ((await standing(this.#records, address, this.#waiting.keep)) === "newer") return "newer"
      throw cause
    }
  }
}
