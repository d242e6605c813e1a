/** The start of a callback: a run of its own, so that neither its failure nor the end of the run it hangs on touches the other. */
import { derivedRun } from "../../encode/ids.ts"
import { runIdOf } from "../../encode/subjects.ts"
import { ruleOf } from "../../plan/table.ts"
import type { Publication } from "../../broker/broker.ts"
import type { Context } from "../context.ts"
import { stepOf, type Position, type RunFacts } from "./position.ts"
import { firstMessage } from "../run/first-message.ts"
import { failureText, type Verdict } from "../verdict.ts"

/** The process that callbacks count as; no client's name, so that nobody's inbox hears of them. */
const callbackInstance = "callback"

/** What starts the callback of a hook, or `undefined` when the outcome is none that it waits for. */
export const callbackOf = async (
  engine: Context,
  at: Position,
  verdict: Verdict
): Promise<Publication | undefined> => {
  const { node } = at.frame.plan[at.node]!
  const callback = ruleOf(node).starts?.(node, verdict.tag)
  if (callback === undefined) return undefined
  const { run } = at.frame
  const id = runIdOf(run.address)
  const step = stepOf(at)
  const value = await engine.records.resolve(run.address, verdict.value)
  const facts: RunFacts = {
    address: {
      owner: run.address.owner,
      instance: callbackInstance,
      run: derivedRun(verdict.ended, `${id}/${step}`)
    },
    keep: run.keep,
    ...(run.labels === undefined ? {} : { labels: run.labels }),
    ...(run.queues === undefined ? {} : { queues: run.queues }),
    ...(run.scheduled === undefined ? {} : { scheduled: run.scheduled })
  }
  const text = callback.given === "value" ? value : failureText(id, verdict, value)
  const parent = `${id}/${verdict.step}`
  const { id: _, ...start } = await firstMessage(
    engine,
    facts,
    callback.plan,
    { text },
    {
      parent,
      again: false,
      together: true,
      crossed: verdict.contract !== undefined
    }
  )
  return start
}
