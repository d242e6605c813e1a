/** Starts runs and reads their outcomes over one broker; what `App` and the Effect `Client` stand on. */
import { refuseUnknown } from "../define/known.ts"
import { checkedPrint, type Print } from "../define/print.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { newInstance } from "../encode/ids.ts"
import { addressOf } from "../encode/subjects.ts"
import { Records } from "../engine/index.ts"
import { type Caller, pointAt } from "../result/call-site.ts"
import type { DeadLetters } from "../result/dead-letter.ts"
import type { FindQuery, RunStatus } from "../result/run.ts"
import type { WaitOptions } from "../result/wait.ts"
import type { Broker } from "../broker/broker.ts"
import type { AppOptions } from "./app.ts"
import { bounded, unanswered } from "./bounded.ts"
import { isPatient, waitNames, checkedOwner, checkedRetention, checkedWorkflow } from "./given.ts"
import { cancelRun } from "./canceling.ts"
import { deadLettersOf } from "./dead-letters.ts"
import { Late, verdictOf } from "./ended.ts"
import { runUnder } from "./finding.ts"
import { type AnyRun, handleOf, noHandle, noRun } from "./handle.ts"
import { waitingFor, type Waiter, type Waiting } from "./waiter.ts"
import { NobodyServes } from "./no-worker-hint.ts"
import { valueOf } from "./decode-outcome.ts"
import { Replies } from "./replies.ts"
import { OwnSchedules } from "./schedules.ts"
import { type AnyStarted, startEach } from "./start-all.ts"
import { Starts } from "./starts.ts"

export class Runs {
  readonly broker: Broker
  readonly deadLetters: DeadLetters
  readonly schedules: OwnSchedules
  readonly print: Print
  readonly #records: Records
  readonly #waiting: Waiting
  readonly #starts: Starts
  readonly #owner: string

  constructor(broker: Broker, options: AppOptions = {}) {
    this.broker = broker
    this.print = checkedPrint(options.print)
    this.#records = new Records(broker)
    this.deadLetters = deadLettersOf(this.#records, this.print)
    const owner = checkedOwner(options.owner ?? "app")
    const instance = newInstance()
    this.#owner = owner
    this.#waiting = {
      records: this.#records,
      replies: new Replies(broker, owner, instance),
      nobody: new NobodyServes(broker, this.print),
      keep: checkedRetention(options.retention ?? "1 hour")
    }
    this.#starts = new Starts(this.#waiting, { owner, instance })
    this.schedules = new OwnSchedules({ waiting: this.#waiting, starts: this.#starts, owner })
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
      const waiter = await this.#starts.start(workflow, input, caller)
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
    const late = new Late(this.#records, workflow["~arpeggio"].plan)
    try {
      return await bounded(
        this.broker,
        options,
        async (signal) => {
          const records = this.#starts.until(signal)
          waiter = await this.#starts.start(workflow, input, caller, records)
          return valueOf(records, waiter.address, workflow, await verdictOf(waiter, signal))
        },
        {
          late: (words) =>
            waiter === undefined ? unanswered(words) : late.words(waiter.address, words),
          ahead: (signal) => {
            if (waiter !== undefined) late.look(waiter, signal)
          }
        }
      )
    } catch (cause) {
      if (waiter !== undefined) this.#starts.accept(waiter.address)
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
      const waiter = isPatient(options)
        ? await this.#starts.start(workflow, input, caller)
        : await bounded(this.broker, options, (signal) =>
            this.#starts.start(workflow, input, caller, this.#starts.until(signal))
          )
      this.#starts.accept(waiter.address)
      return handleOf(this.#waiting, workflow, waiter, caller)
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  async cancel(id: string, options: WaitOptions, caller: Caller): Promise<RunStatus> {
    const address = addressOf(id)
    if (address === undefined) throw pointAt(noRun(id), caller)
    const waiter = this.#starts.waiterOf(address)
    try {
      refuseUnknown("cancel", options, waitNames)
      return await cancelRun(this.#records, waiter, this.#waiting.keep, options)
    } catch (cause) {
      throw pointAt(cause, caller)
    } finally {
      waiter.stop()
    }
  }

  /** Starts all of them, each by itself: what becomes of one is no matter of the others. */
  async startAll(
    workflows: ReadonlyArray<AnyWorkflow>,
    options: WaitOptions,
    caller: Caller
  ): Promise<ReadonlyArray<AnyStarted>> {
    try {
      refuseUnknown("startAll", options, waitNames)
      return await startEach(this.broker, workflows, options, (workflow, left) =>
        this.start(workflow, undefined, left, caller)
      )
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  /** The run that this owner has started with a key; `undefined` where none is kept. Read as by `attach`. */
  async find(
    query: FindQuery,
    workflow: AnyWorkflow | undefined,
    caller: Caller
  ): Promise<AnyRun | undefined> {
    try {
      const address = await runUnder(this.#records, this.#owner, query)
      if (address === undefined) return undefined
      const waiter = this.#starts.waiterOf(address, workflow?.["~arpeggio"].plan).accept()
      return handleOf(this.#waiting, workflow, waiter, caller)
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  /** Without a workflow, what is read of the run is plain data. */
  attach(id: string, workflow: AnyWorkflow | undefined, caller: Caller): AnyRun {
    const address = addressOf(id)
    if (address === undefined) return noHandle(String(id), pointAt(noRun(id), caller))
    const waiter = this.#starts.waiterOf(address, workflow?.["~arpeggio"].plan)
    return handleOf(this.#waiting, workflow, waiter, caller)
  }
}
