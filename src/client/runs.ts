/** Starts runs and reads their outcomes over one broker; what `App` and the Effect `Client` stand on. */
import { refuseUnknown } from "../define/known.ts"
import type { Json, PlanNode } from "../define/plan.ts"
import { checkedPrint, type Print } from "../define/print.ts"
import type { StartSettings } from "../define/start.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { newInstance, newRun } from "../encode/identity.ts"
import { encodeInput } from "../encode/input.ts"
import { addressOf, instanceOfKey, type RunAddress } from "../encode/subjects.ts"
import type { RunFacts } from "../engine/frame.ts"
import type { Soon } from "../define/soon.ts"
import type { FirstMessage } from "../engine/run/starter.ts"
import { isTooLarge } from "../engine/fitting.ts"
import { Records } from "../engine/records.ts"
import { type Caller, pointAt } from "../result/caller.ts"
import type { DeadLetters } from "../result/dead-letter.ts"
import type { RunStatus } from "../result/run.ts"
import type { WaitOptions } from "../result/wait.ts"
import { beginning } from "../transport/beginning.ts"
import type { Broker } from "../transport/broker.ts"
import type { AppOptions } from "./app.ts"
import { Accepted } from "./accepted.ts"
import { bounded, isPatient, recordsUntil, unanswered, waitNames } from "./bounded.ts"
import { cancelRun } from "./canceling.ts"
import { claimOf } from "./claim.ts"
import { checkedOwner, checkedRetention, checkedWorkflow } from "./checked.ts"
import { deadLettersOf } from "./dead-letters.ts"
import { dispatch, dispatchAgain, dispatchBefore, firstMessageOf, inDoubt } from "./dispatcher.ts"
import { goesOn, verdictOf } from "./ended.ts"
import { type AnyRun, handleOf, noHandle, noRun } from "./handle.ts"
import { waitingFor } from "./inside.ts"
import { NobodyServes } from "./nobody.ts"
import { valueOf } from "./report.ts"
import { Replies } from "./replies.ts"
import { Waiter, type Waiting } from "./waiter.ts"

export class Runs {
  readonly broker: Broker
  readonly deadLetters: DeadLetters
  readonly print: Print
  readonly #records: Records
  /** For what is stored to start a run. */
  readonly #starting: Records
  readonly #waiting: Waiting
  readonly #owner: string
  readonly #instance = newInstance()
  readonly #accepted = new Accepted()

  constructor(broker: Broker, options: AppOptions = {}) {
    this.broker = broker
    this.print = checkedPrint(options.print)
    this.#records = new Records(broker)
    this.#starting = new Records(beginning(broker))
    this.deadLetters = deadLettersOf(this.#records, this.print)
    this.#owner = checkedOwner(options.owner ?? "app")
    this.#waiting = {
      records: this.#records,
      replies: new Replies(broker, this.#owner, this.#instance),
      nobody: new NobodyServes(broker, this.print),
      keep: checkedRetention(options.retention ?? "1 hour")
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
    options: WaitOptions,
    caller: Caller
  ): Promise<unknown> {
    try {
      refuseUnknown("run", options, waitNames)
      if (!isPatient(options)) {
        checkedWorkflow(workflow, "the first argument", caller)
        const run = this.#runWithin(workflow, input, options, caller)
        return await waitingFor(workflow["~arpeggio"].plan, run)
      }
      const waiter = await this.#start(workflow, input, caller, this.#starting)
      const verdict = await waitingFor(workflow["~arpeggio"].plan, waiter.verdict())
      const value = valueOf(this.#records, waiter.address, workflow, verdict)
      return value instanceof Promise ? await value : value
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  /** Starts and waits, both together no longer than the caller wants to. */
  async #runWithin(
    workflow: AnyWorkflow,
    input: unknown,
    options: WaitOptions,
    caller: Caller
  ): Promise<unknown> {
    let waiter: Waiter | undefined
    try {
      return await bounded(
        this.broker,
        options,
        async (signal) => {
          const records = recordsUntil(this.#starting, signal)
          waiter = await this.#start(workflow, input, caller, records)
          return valueOf(records, waiter.address, workflow, await verdictOf(waiter, signal))
        },
        (words) => (waiter === undefined ? unanswered(words) : goesOn(waiter.address)(words))
      )
    } catch (cause) {
      if (waiter !== undefined) this.#accepted.add(waiter.address)
      waiter?.stop()
      throw cause
    }
  }

  async start(
    workflow: AnyWorkflow,
    input: unknown,
    options: WaitOptions,
    caller: Caller
  ): Promise<AnyRun> {
    try {
      refuseUnknown("start", options, waitNames)
      const waiter = await bounded(this.broker, options, (signal) =>
        this.#start(workflow, input, caller, recordsUntil(this.#starting, signal))
      )
      this.#accepted.add(waiter.address)
      return handleOf(this.#waiting, workflow, waiter, caller)
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  async cancel(id: string, options: WaitOptions, caller: Caller): Promise<RunStatus> {
    const address = addressOf(id)
    if (address === undefined) throw pointAt(noRun(id), caller)
    const waiter = this.#waiterOf(address)
    try {
      refuseUnknown("cancel", options, waitNames)
      return await cancelRun(this.#records, waiter, this.#waiting.keep, options)
    } catch (cause) {
      throw pointAt(cause, caller)
    } finally {
      waiter.stop()
    }
  }

  attach(id: string, workflow: AnyWorkflow, caller: Caller): AnyRun {
    checkedWorkflow(workflow, "the second argument of attach", caller)
    const address = addressOf(id)
    return address === undefined
      ? noHandle(String(id), pointAt(noRun(id), caller))
      : handleOf(
          this.#waiting,
          workflow,
          this.#waiterOf(address, workflow["~arpeggio"].plan),
          caller
        )
  }

  /** Resolves when the work is stored. */
  #start(workflow: AnyWorkflow, input: unknown, caller: Caller, records: Records): Promise<Waiter> {
    checkedWorkflow(workflow, "the first argument", caller)
    const encoded = encodeInput(workflow, input)
    const { start } = workflow["~arpeggio"]
    const now = this.broker.now()
    if (start !== undefined) return this.#startWith(workflow, encoded, start, now, records)
    const run = { address: this.#newAddress(this.#instance, now), keep: this.#waiting.keep }
    return this.#dispatch(workflow, encoded, run, records)
  }

  /** Listens, and then has it stored. */
  async #dispatch(
    workflow: AnyWorkflow,
    encoded: Json,
    run: RunFacts,
    records: Records
  ): Promise<Waiter> {
    const soon = firstMessageOf(records, workflow, encoded, run)
    const first = soon instanceof Promise ? await soon : soon
    const waiter = new Waiter(this.#waiting, run.address, workflow["~arpeggio"].plan)
    try {
      try {
        await dispatch(records, first)
      } catch (cause) {
        if (!isTooLarge(cause)) throw cause
        await dispatchAgain(records, workflow, encoded, run)
      }
      return waiter.accept()
    } catch (cause) {
      waiter.stop()
      throw inDoubt(cause, run.address)
    }
  }

  /** Starts with what was said about the workflow as a whole. */
  async #startWith(
    workflow: AnyWorkflow,
    encoded: Json,
    { key, deadline }: StartSettings,
    now: number,
    records: Records
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
    const build = (): Soon<FirstMessage> => firstMessageOf(records, workflow, encoded, run)
    const first = await build()
    // One with a key may be another process's.
    const waiter = key === undefined ? new Waiter(this.#waiting, run.address, plan) : undefined
    try {
      const claim = key === undefined ? undefined : claimOf(key, workflow, encoded)
      const address = await records.refitting(async (again) =>
        dispatchBefore(records, run, again ? await build() : first, claim)
      )
      return (waiter ?? this.#waiterOf(address, plan)).accept()
    } catch (cause) {
      waiter?.stop()
      throw inDoubt(cause, run.address, key)
    }
  }

  #newAddress(instance: string, now: number): RunAddress {
    return { owner: this.#owner, instance, run: newRun(now) }
  }

  /** Waits for a run that is listened for by itself: another process's, or one with a key. */
  #waiterOf(address: RunAddress, steps?: PlanNode): Waiter {
    return new Waiter(this.#waiting, address, undefined, this.#accepted.has(address), steps)
  }
}
