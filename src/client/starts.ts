/** Has runs started, and knows what waits for each. */
import type { AnyNode, Json } from "../define/plan.ts"
import type { Soon } from "../define/awaitable.ts"
import type { StartSettings } from "../define/start.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import { newRun } from "../encode/ids.ts"
import { encodeInput } from "../plan/values.ts"
import { instanceOfKey, type RunAddress } from "../encode/subjects.ts"
import {
  claimOf,
  dispatch,
  firstMessageOf,
  isTooLarge,
  Records,
  type FirstMessage,
  type RunFacts,
  type KeyHeld
} from "../engine/index.ts"
import { inDoubt, keyTaken } from "./not-started.ts"
import type { Caller } from "../result/call-site.ts"
import { beginning } from "../broker/beginning.ts"
import { Accepted } from "./accepted.ts"
import { recordsUntil } from "./bounded.ts"
import { checkedWorkflow } from "./given.ts"
import { Waiter, type Waiting } from "./waiter.ts"

/** Whose runs are started here: their ids begin so. */
export type Starter = Pick<RunAddress, "owner" | "instance">

export class Starts {
  readonly #waiting: Waiting
  /** For what is stored to start a run. */
  readonly #records: Records
  readonly #starter: Starter
  readonly #accepted = new Accepted()

  constructor(waiting: Waiting, starter: Starter) {
    this.#waiting = waiting
    this.#records = new Records(beginning(waiting.records.broker))
    this.#starter = starter
  }

  /** What a start is stored by, for no longer than the signal allows. */
  until(signal: AbortSignal | undefined): Records {
    return recordsUntil(this.#records, signal)
  }

  /** The start of this run is known to be stored. */
  accept(address: RunAddress): void {
    this.#accepted.add(address)
  }

  /** Resolves when the work is stored. What it needs of the broker it asks by `records`. */
  start(
    workflow: AnyWorkflow,
    input: unknown,
    caller: Caller,
    records: Records = this.#records
  ): Promise<Waiter> {
    checkedWorkflow(workflow, "the first argument", caller)
    const encoded = encodeInput(workflow, input)
    return this.#store(workflow, encoded, records)
  }

  /** Listens, and then has it stored. */
  #store(workflow: AnyWorkflow, encoded: Json, records: Records): Promise<Waiter> {
    const { plan, start = {} } = workflow["~arpeggio"]
    const { key } = start
    const run = this.#newRun(start, records.broker.now())
    const claim = key === undefined ? undefined : claimOf(key, workflow, encoded)
    const build = (): Soon<FirstMessage> => firstMessageOf(records, workflow, encoded, run)
    const send = (first: FirstMessage): Promise<Waiter> => {
      // One with a key may be another process's.
      const waiter = key === undefined ? new Waiter(this.#waiting, run.address, plan) : undefined
      const accept = (answer: RunAddress | KeyHeld): Waiter =>
        "holder" in answer
          ? refuse(keyTaken(key!, answer))
          : (waiter ?? this.waiterOf(answer, plan)).accept()
      const refuse = (cause: unknown): never => {
        waiter?.stop()
        throw inDoubt(cause, run.address, key)
      }
      return dispatch(records, run, first, claim).then(accept, (cause: unknown) =>
        isTooLarge(cause)
          ? records
              .refitting(async () => dispatch(records, run, await build(), claim))
              .then(accept, refuse)
          : refuse(cause)
      )
    }
    const first = build()
    return first instanceof Promise ? first.then(send) : send(first)
  }

  #newRun({ key, deadline }: StartSettings, now: number): RunFacts {
    const { owner, instance } = this.#starter
    const address = {
      owner,
      instance: key === undefined ? instance : instanceOfKey(key),
      run: newRun(now)
    }
    const { keep } = this.#waiting
    if (deadline === undefined) return { address, keep }
    return { address, keep, deadline: "at" in deadline ? deadline.at : now + deadline.after }
  }

  /** Waits for a run that is listened for by itself: another process's, or one with a key. */
  waiterOf(address: RunAddress, steps?: AnyNode): Waiter {
    const waiter = new Waiter(this.#waiting, address, undefined, steps)
    return this.#accepted.has(address) ? waiter.accept() : waiter
  }
}
