/** Starts many runs in one go. */
import { workflowAt } from "../compose/members.ts"
import { millisecondsOf } from "../define/duration.ts"
import { ContractError } from "../define/errors.ts"
import { received } from "../define/describe-value.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import type { Started } from "../result/run.ts"
import type { WaitOptions } from "../result/wait.ts"
import type { Broker } from "../broker/broker.ts"
import type { AnyRun } from "./handle.ts"

/** What became of a start before its workflow's types are put on it. */
export type AnyStarted = Started<unknown, unknown>

/** How many wait for the broker's answer at a time, however long the list. */
const atOnce = 1_000

/** In the order of the list, which is also the order in which they are sent; `within` is for all of them together. */
export const startEach = async (
  clock: Pick<Broker, "elapsed">,
  workflows: ReadonlyArray<AnyWorkflow>,
  options: WaitOptions,
  start: (workflow: AnyWorkflow, options: WaitOptions) => Promise<AnyRun>
): Promise<ReadonlyArray<AnyStarted>> => {
  if (!Array.isArray(workflows)) throw noList(workflows)
  const left = countdown(clock, options)
  const begin = async (at: number): Promise<AnyStarted> => {
    try {
      return {
        run: await start(workflowAt(workflows[at], `startAll's workflow ${at + 1}`), left())
      }
    } catch (error) {
      return { error: error as Error }
    }
  }
  const started: Array<AnyStarted> = []
  let next = 0
  // Whoever is free takes the next, so that one that is slow holds up no other.
  const line = async (): Promise<void> => {
    while (next < workflows.length) {
      const at = next++
      started[at] = await begin(at)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, workflows.length) }, line))
  return started
}

/** The options with what is left of `within`. */
const countdown = (
  clock: Pick<Broker, "elapsed">,
  { signal, within }: WaitOptions
): (() => WaitOptions) => {
  const patient = signal === undefined ? {} : { signal }
  if (within === undefined) return () => patient
  const end = clock.elapsed() + millisecondsOf("within", within)
  return () => ({ ...patient, within: { milliseconds: Math.max(0, end - clock.elapsed()) } })
}

const noList = (given: unknown): ContractError =>
  new ContractError({
    task: "",
    message: `startAll takes a list of workflows, for example [add(4, 2), add(3, 5)], not ${received(given)}`
  })
