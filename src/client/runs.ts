/** Starts runs and reads their outcomes over one broker; what `App` and the Effect `Client` stand on. */
import { millisecondsOf } from "../define/duration.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { newInstance, newRun } from "../encode/identity.ts"
import { encodeInput } from "../encode/input.ts"
import { addressOf, instanceOfKey, runIdOf, type RunAddress } from "../encode/subjects.ts"
import { requestCancel } from "../engine/run/canceller.ts"
import { keepWithin, type RunFacts } from "../engine/frame.ts"
import { Records } from "../engine/records.ts"
import { type Caller, pointAt } from "../result/caller.ts"
import type { DeadLetters } from "../result/dead-letter.ts"
import { StillRunning, UnknownRun } from "../result/failure.ts"
import type { Run, RunStatus } from "../result/run.ts"
import type { Broker } from "../transport/broker.ts"
import { after } from "../transport/time.ts"
import { printNotice } from "../transport/nats/open.ts"
import type { AppOptions, RunOptions } from "./app.ts"
import { claimOf } from "./claim.ts"
import { checkedOwner, checkedWorkflow } from "./checked.ts"
import { deadLettersOf } from "./dead-letters.ts"
import { dispatch, type Dispatched } from "./dispatcher.ts"
import { NobodyServes } from "./nobody.ts"
import { outcomeOf, valueOf } from "./report.ts"
import { Replies } from "./replies.ts"
import { absent, lookUp, Waiter } from "./waiter.ts"

/** A run before its workflow's types are put on it. */
export type AnyRun = Run<unknown, unknown>

/** A run that is stored, and who listens for its outcome. */
interface Started {
  readonly dispatched: Dispatched
  readonly waiter: Waiter
}

export class Runs {
  readonly broker: Broker
  readonly deadLetters: DeadLetters
  readonly #records: Records
  readonly #replies: Replies
  readonly #owner: string
  readonly #instance = newInstance()
  readonly #keep: number
  readonly #nobody: NobodyServes

  constructor(broker: Broker, options: AppOptions = {}) {
    this.broker = broker
    this.#records = new Records(broker)
    this.deadLetters = deadLettersOf(this.#records)
    this.#owner = checkedOwner(options.owner ?? "app")
    this.#keep = keepWithin(millisecondsOf("retention", options.retention ?? "1 hour"))
    this.#nobody = new NobodyServes(broker, options.print ?? printNotice)
    this.#replies = new Replies(broker, this.#owner, this.#instance)
  }

  open(): Promise<void> {
    return this.#replies.open()
  }

  close(): Promise<void> {
    this.#nobody.close()
    return this.#replies.close()
  }

  async run(
    workflow: AnyWorkflow,
    input: unknown,
    options: RunOptions,
    caller: Caller
  ): Promise<unknown> {
    try {
      if (options.within !== undefined) millisecondsOf("within", options.within)
      const started = await this.#start(workflow, input, caller)
      const { dispatched, waiter } = started
      this.#nobody.watch(dispatched)
      try {
        if (options.signal !== undefined || options.within !== undefined) {
          return await this.#within(started, workflow, options)
        }
        const verdict = await waiter.verdict()
        return await valueOf(this.#records, dispatched.address, workflow, verdict)
      } finally {
        this.#nobody.forget(dispatched)
      }
    } catch (cause) {
      throw pointAt(cause, caller)
    }
  }

  async start(workflow: AnyWorkflow, input: unknown, caller: Caller): Promise<AnyRun> {
    try {
      const { dispatched, waiter } = await this.#start(workflow, input, caller)
      return this.#handle(dispatched.address, workflow, waiter, caller)
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
    return this.#handle(address, workflow, this.#waiterOf(address), caller)
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

  async #start(workflow: AnyWorkflow, input: unknown, caller: Caller): Promise<Started> {
    checkedWorkflow(workflow, "the first argument", caller)
    const encoded = encodeInput(workflow, input)
    const now = this.broker.now()
    const { plan, start = {} } = workflow["~arpeggio"]
    const { key, deadline } = start
    const facts: { -readonly [name in keyof RunFacts]: RunFacts[name] } = {
      address: {
        owner: this.#owner,
        instance: key === undefined ? this.#instance : instanceOfKey(key),
        run: newRun(now)
      },
      keep: this.#keep
    }
    if (deadline !== undefined)
      facts.deadline = "at" in deadline ? deadline.at : now + deadline.after
    if (key !== undefined) {
      const claim = claimOf(key, plan, encoded)
      const dispatched = await dispatch(this.#records, workflow, encoded, facts, claim)
      return { dispatched, waiter: this.#waiterOf(dispatched.address) }
    }
    const waiter = new Waiter(this.#records, this.#replies, facts.address, this.#keep, true)
    try {
      return { dispatched: await dispatch(this.#records, workflow, encoded, facts), waiter }
    } catch (cause) {
      waiter.stop()
      throw cause
    }
  }

  /** Waits for a run that is listened for by itself: another process's, or one with a key. */
  #waiterOf(address: RunAddress): Waiter {
    return new Waiter(this.#records, this.#replies, address, this.#keep, false)
  }

  #handle(address: RunAddress, workflow: AnyWorkflow, waiter: Waiter, caller: Caller): AnyRun {
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
        const known = await lookUp(this.#records, address, this.#keep)
        return typeof known === "string" ? known : known.tag
      }
    }
  }

  async #cancel(address: RunAddress, waiter: Waiter): Promise<RunStatus> {
    const known = await lookUp(this.#records, address, this.#keep)
    if (known === "unknown" || known === "expired") throw absent(address, known, this.#keep)
    if (typeof known !== "string") return known.tag
    await requestCancel(this.#records, { address, keep: this.#keep }, "cancelled on request")
    return (await waiter.verdict()).tag
  }

  /** The value, unless it is waited for no longer. */
  async #within(
    { dispatched: { address }, waiter }: Started,
    workflow: AnyWorkflow,
    { signal, within }: RunOptions
  ): Promise<unknown> {
    const id = runIdOf(address)
    const stops: Array<() => void> = []
    const given = new Promise<never>((_, reject) => {
      if (within !== undefined) {
        const milliseconds = millisecondsOf("within", within)
        const message = `run ${id} did not end within ${milliseconds} ms. It goes on: attach(${JSON.stringify(id)}, workflow) waits for it again.`
        stops.push(after(milliseconds, () => reject(new StillRunning({ run: id, message }))))
      }
      const abort = (): void => reject(signal!.reason as Error)
      if (signal?.aborted === true) abort()
      else if (signal !== undefined) {
        signal.addEventListener("abort", abort, { once: true })
        stops.push(() => signal.removeEventListener("abort", abort))
      }
    })
    try {
      const verdict = await Promise.race([waiter.verdict(), given])
      return await Promise.race([valueOf(this.#records, address, workflow, verdict), given])
    } catch (cause) {
      waiter.stop()
      throw cause
    } finally {
      for (const stop of stops) stop()
    }
  }
}
