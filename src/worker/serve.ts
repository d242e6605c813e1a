/** Starts workers: `serve` for a process that is one, `startWorker` for a process that has one. */
import * as Context from "effect/Context"
import { runAsOurs } from "../define/context.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { ContractError } from "../define/errors.ts"
import { type HowLong, type WithUnit, millisecondsOf } from "../define/duration.ts"
import { whyNotQueue } from "../define/name.ts"
import { timeoutOf } from "../define/options.ts"
import { checkedPrint } from "../define/print.ts"
import { received } from "../define/describe-value.ts"
import type { Served, ServedMore, Source } from "../define/served.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import { brokerNames, type BrokerOptions } from "../nats/open.ts"
import { openLinks } from "../nats/connection.ts"
import { endWithout } from "./afterwards.ts"
import { busyWords } from "./busy.ts"
import { presentHost } from "./host.ts"
import type { Worker } from "./layer.ts"
import { openLoop, openWorker } from "./open.ts"
import { beforeWorker, Program } from "./program.ts"
import { Signals } from "./signals.ts"
import { defaultCrashes } from "../engine/index.ts"
import { checkedList, checkedName, type DeclaredSchedule } from "../schedule/declared.ts"
import { apart, servedIn } from "./sources.ts"
import { defaultConcurrency, defaultTimeout, type WorkerSettings } from "./settings.ts"

/** How a worker works. */
export interface WorkerOptions extends BrokerOptions {
  /** Calls executed at a time, per queue: 1 to 10,000. Default: 20. */
  readonly concurrency?: number
  /** Queues served besides those of the tasks, each with its own `concurrency`. Default: none. */
  readonly queues?: ReadonlyArray<string>
  /** How long a handler may take, up to a year, when neither call nor contract says. Default: "10 minutes". */
  readonly timeout?: HowLong<WithUnit<"timeout">>
  /** How many workers a call may cost their lives, 1 to 10,000, before it is given up as `Crashed`, with a dead letter; five times as many where they named another that ran beside. Default: 3. */
  readonly maxCrashes?: number
  /** How long a call whose task this worker does not know, has in a version that does not fit, or cannot read is left to one that can, before it goes to the dead letters. Default: "1 hour". */
  readonly patience?: HowLong<WithUnit<"patience">>
  /** How long running handlers may take to finish when the worker stops. Default: "25 seconds". */
  readonly grace?: HowLong<WithUnit<"grace">>
  /**
   * Schedules that are stored when the worker starts, as a group: those of the group that are no longer in the list are deleted.
   * Processes that start at once do no harm, and while two versions of a program run beside each other the newer counts. They are those of the owner `app`. Default: none.
   */
  readonly schedules?: ReadonlyArray<DeclaredSchedule>
  /** The name of that group, which `schedules` needs: programs that share a namespace have one each, or they would delete each other's. */
  readonly scheduleGroup?: string
  /** `steps`: a line when a step starts and one when it has ended. `quiet`: only what went wrong. `errors`: of steps only what failed for good. Default: `steps` on a terminal. */
  readonly log?: "steps" | "quiet" | "errors"
}

const names: Names<WorkerOptions> = {
  ...brokerNames,
  concurrency: true,
  queues: true,
  timeout: true,
  maxCrashes: true,
  patience: true,
  grace: true,
  schedules: true,
  scheduleGroup: true,
  log: true
}

/** Checks a worker's options before anything is opened. */
export const settingsOf = (
  served: ReadonlyMap<string, TaskDefinition>,
  options: WorkerOptions,
  services: Context.Context<never> = Context.empty()
): WorkerSettings => {
  refuseUnknown("a worker", options, names)
  if (options.queues !== undefined && !Array.isArray(options.queues)) {
    throw refused(
      "",
      `queues is a list of names, for example ["video"], not ${received(options.queues)}`
    )
  }
  const log = options.log ?? (process.stderr.isTTY ? "steps" : "quiet")
  if (log !== "steps" && log !== "quiet" && log !== "errors") {
    throw refused("", `log is "steps", "quiet" or "errors", not ${received(log)}`)
  }
  const queues = new Set([...served.values()].map(({ queue }) => queue))
  for (const queue of options.queues ?? []) {
    const wrong = whyNotQueue(queue)
    if (wrong !== undefined) throw refused("", `queues: ${wrong}`)
    queues.add(queue)
  }
  return {
    tasks: served,
    queues: [...queues],
    concurrency: counted("concurrency", options.concurrency ?? defaultConcurrency),
    crashes: counted("crashes", options.maxCrashes ?? defaultCrashes),
    timeout: timed(options.timeout),
    patience: millisecondsOf("patience", options.patience ?? "1 hour"),
    grace: millisecondsOf("grace", options.grace ?? "25 seconds"),
    services,
    ...(options.schedules === undefined
      ? {}
      : {
          schedules: {
            group: groupOf(options.scheduleGroup),
            list: checkedList(options.schedules)
          }
        }),
    log,
    print: checkedPrint(options.print)
  }
}

const groupOf = (group: string | undefined): string => {
  if (group !== undefined) return checkedName(group, "group of schedules")
  throw refused(
    "",
    'schedules needs a scheduleGroup, named after the program, for example scheduleGroup: "billing": a deploy that no longer has a schedule deletes it from its group, and of two programs in one group each would delete what the other has'
  )
}

const counted = (name: string, value: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= 10_000) return value
  throw refused("", `${name} is a whole number from 1 to 10000, not ${received(value)}`)
}

const timed = (given: HowLong<string> | undefined): number => {
  if (given === undefined) return defaultTimeout
  const timeout = timeoutOf(given)
  if (typeof timeout === "string") throw refused("", timeout)
  return timeout
}

const refused = (task: string, message: string): ContractError =>
  new ContractError({ task, message })

/**
 * Starts a worker inside this process: for tests, and for programs that do more than work. Takes what `serve` takes, and
 * installs no signal handlers.
 *
 * Rejects with `ContractError` for tasks that cannot be served, and with `BrokerError` when NATS cannot be reached.
 *
 * @example
 * await using other = await startWorker([add, mul], { concurrency: 5, log: "quiet" })
 * const { state } = await other.health() // "working"
 */
export const startWorker = async <
  const First extends Source,
  const Rest extends ReadonlyArray<Source | WorkerOptions>
>(
  first: Served<First>,
  ...more: ServedMore<Rest, WorkerOptions>
): Promise<Worker> => {
  const { sources, options } = apart<WorkerOptions>([first, ...more])
  return openWorker(settingsOf(servedIn(sources), options), options)
}

/**
 * Serves lists of tasks, and the tasks with handlers that modules export and records hold; what else these hold is left
 * alone. Options come last.
 *
 * Works until the first SIGTERM, SIGINT or SIGHUP, then finishes what runs and resolves, `grace` and two seconds later at
 * the latest, whatever the broker does. Signals within a second of the first are the same press of a key. A second press
 * gives back what runs, so that it begins elsewhere at once, and ends the process within a second, with code 143, 130 or
 * 129. Where handlers go on that were told to stop, the process is ended as soon as nothing else of the program is under way.
 *
 * Rejects as `startWorker` does, and when the connection to NATS ended for good.
 *
 * @example
 * const orders = await import("../../workflows/math.ts")
 * await serve(orders, [divide], { concurrency: 50 })
 */
export const serve = async <
  const First extends Source,
  const Rest extends ReadonlyArray<Source | WorkerOptions>
>(
  first: Served<First>,
  ...more: ServedMore<Rest, WorkerOptions>
): Promise<void> => {
  const { sources, options } = apart<WorkerOptions>([first, ...more])
  const host = presentHost()
  if (host !== undefined) return host({ sources, options })
  const settings = settingsOf(servedIn(sources), options)
  const before = beforeWorker(openLinks())
  // Before the worker opens: it may have taken a call by the time that it is known to be open.
  const signals = new Signals(settings.print)
  try {
    const { worker, ...opened } = await runAsOurs(() => openLoop(settings, options))
    signals.hurry = opened.hurry
    signals.busy = () => busyWords(opened.running(), settings.grace)
    const reason = await Promise.race([signals.stopped, worker.ended])
    if (reason !== undefined) {
      // What still runs can store nothing any more, so nobody waits for it.
      void worker.drain().catch(() => {})
      throw reason
    }
    const program = new Program(before)
    await runAsOurs(worker.drain)
    endWithout(program, opened.running, settings.print)
  } finally {
    await signals.leave()
  }
}
