/** Keeps the process alive while somebody waits for something of a test's app: nothing of a broker in memory does that. */
import type { AnyRun } from "../client/handle.ts"
import { Runs } from "../client/runs.ts"
import { ContractError } from "../define/errors.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import type { App } from "../client/app.ts"
import type { DeadLetters } from "../result/dead-letter.ts"
import type { Schedule } from "../result/schedule.ts"
import type { Broker } from "../broker/broker.ts"
import { onceKilled } from "./memory/killed.ts"
import type { Refuses } from "./given.ts"

/** The longest that Node knows, in milliseconds: it counts as work for as long as it is there. */
const long = 2 ** 31 - 1

let waiting = 0
let hold: NodeJS.Timeout | undefined

const keep = (): void => {
  hold = setTimeout(keep, long)
}

/** Waits as long as it takes; without this, Node would end the process as soon as only timers of ours are left. */
export type Awake = <A>(work: () => Promise<A>) => Promise<A>

/** What is waited for by a process that was killed never comes, and keeps nothing alive. */
export const awakeOver =
  (broker: Broker): Awake =>
  async (work) => {
    const letGo = held()
    const forget = onceKilled(broker, letGo)
    try {
      return await work()
    } finally {
      forget()
      letGo()
    }
  }

/** Keeps the process alive until it is let go. */
const held = (): (() => void) => {
  waiting += 1
  if (hold === undefined) keep()
  let isHeld = true
  return () => {
    if (isHeld) waiting -= 1
    isHeld = false
    if (waiting > 0) return
    clearTimeout(hold)
    hold = undefined
  }
}

/** The same verbs, each of which is waited for awake. The name of the class is in the stacks that are cut (`caller.ts`). */
export class AwakeRuns extends Runs {
  readonly #awake = awakeOver(this.broker)
  /** Why a workflow is not started. */
  refuses: Refuses = () => undefined

  override async run(...given: Parameters<Runs["run"]>): Promise<unknown> {
    this.#check(given[0])
    return await this.#awake(() => super.run(...given))
  }

  override async start(...given: Parameters<Runs["start"]>): Promise<AnyRun> {
    this.#check(given[0])
    return awakeIn(await this.#awake(() => super.start(...given)), this.#awake)
  }

  #check(workflow: AnyWorkflow): void {
    const message = this.refuses(workflow)
    if (message !== undefined) throw new ContractError({ task: "", message })
  }

  override async cancel(...given: Parameters<Runs["cancel"]>): ReturnType<Runs["cancel"]> {
    return await this.#awake(() => super.cancel(...given))
  }

  override attach(...given: Parameters<Runs["attach"]>): AnyRun {
    return awakeIn(super.attach(...given), this.#awake)
  }

  override close(): Promise<void> {
    return this.#awake(() => super.close())
  }
}

const awakeIn = (
  { id, outcome, result, status, describe, cancel }: AnyRun,
  awake: Awake
): AnyRun => ({
  id,
  outcome: (options) => awake(() => outcome(options)),
  result: (options) => awake(() => result(options)),
  status: (options) => awake(() => status(options)),
  describe: (options) => awake(() => describe(options)),
  cancel: (options) => awake(() => cancel(options))
})

/** Dead letters that are waited for awake. */
export const awakeLetters = (
  { list, read, redrive, drop }: DeadLetters,
  awake: Awake
): DeadLetters => ({
  list: (query) => awake(() => list(query)),
  read: (id, options) => awake(() => read(id, options)),
  redrive: (id, options) => awake(() => redrive(id, options)),
  drop: (id, options) => awake(() => drop(id, options))
})

/** Schedules that are waited for awake. */
export const awakeSchedules = (
  { schedule, schedules }: Pick<App, "schedule" | "schedules">,
  awake: Awake
): Pick<App, "schedule" | "schedules"> => ({
  schedule: (async (...given: Parameters<typeof schedule>) =>
    scheduleIn(await awake(() => schedule(...given)), awake)) as unknown as App["schedule"],
  schedules: {
    list: () => schedules.list(),
    get: async (name, options) => {
      const found = await awake(() => schedules.get(name, options))
      return found === undefined ? undefined : scheduleIn(found, awake)
    },
    sync: (group, all, options) => awake(() => schedules.sync(group, all, options))
  }
})

const scheduleIn = (
  { name, info, pause, resume, trigger, delete: remove }: Schedule,
  awake: Awake
): Schedule => ({
  name,
  info: (options) => awake(() => info(options)),
  pause: (reason, options) => awake(() => pause(reason, options)),
  resume: (options) => awake(() => resume(options)),
  trigger: async (input, options) => awakeIn(await awake(() => trigger(input, options)), awake),
  delete: (options) => awake(() => remove(options))
})
