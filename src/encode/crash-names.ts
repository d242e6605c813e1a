/** The names of crashes that Arpeggio finds itself, as `thrown.name` of a `TaskCrashed` and `name` of an outcome have them. */

/** Each says what happened; behind `@remedy`, what to do about it. */
export const crashNames = [
  /**
   * Executing the step has cost as many workers their lives as `maxCrashes` allows (3): no memory left, `process.exit`, an
   * error that nobody caught. It leaves a dead letter.
   * @remedy Read `lastWords` of the dead letter, mend the cause, and redrive it.
   */
  "WorkerLost",
  /**
   * Workers took from its queue, and for as long as their `patience` (1 hour) none of them served the task. It leaves a dead
   * letter.
   * @remedy Start a worker that serves the task, and redrive the dead letter.
   */
  "UnknownTask",
  /**
   * No worker took from its queue for as long as the `patience` of the workers of other queues (1 hour). It leaves a dead
   * letter.
   * @remedy Start a worker with that queue, or redrive the dead letter with `{ queue }`.
   */
  "UnservedQueue",
  /**
   * Its arguments do not fit the contract: what came before gave something else than its type says, or client and worker
   * have different versions; or a `map` was given what is no list. A call leaves a dead letter.
   * @remedy Deploy the same contract to both, and redrive the dead letter.
   */
  "InvalidInput",
  /**
   * The handler returned what its contract's output does not allow.
   * @remedy Mend the handler, or widen `output`.
   */
  "InvalidOutput",
  /**
   * It gave more than 64 MiB, or more than the server's `max_payload` lets through.
   * @remedy Return a path or a URL instead.
   */
  "ValueTooLarge",
  /**
   * A large argument is no longer stored: it was removed by hand, or its run was collected.
   * @remedy Start the run again.
   */
  "InputUnavailable",
  /**
   * The handler returned a workflow with a key or a deadline of its own, or put one together that cannot run.
   * @remedy Leave key and deadline out; mend the composition as the message says.
   */
  "CompositionError",
  /**
   * The handler declared a task, or used an option, that cannot be.
   * @remedy Do what the message says.
   */
  "ContractError",
  /**
   * The handler called `step()` where its async context was lost, in a callback for example.
   * @remedy Call `step()` at the beginning of the handler, and pass on what is needed.
   */
  "NoStep",
  /**
   * A message of the run cannot be read, contradicts its plan, or was written by a newer release; or handling it failed
   * three times for a reason that is not the broker's. It ends the whole run and leaves a dead letter.
   * @remedy Read the dead letter (`deadLetters.read`); if a newer release wrote it, redrive it with that release.
   */
  "CannotContinue"
] as const

export type CrashName = (typeof crashNames)[number]

const all: ReadonlySet<string> = new Set(crashNames)

/** Whether Arpeggio has found a crash of this name itself: then its words say already what to do. */
export const isCrashOfOurs = (name: string): boolean => all.has(name)
