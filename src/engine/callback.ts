/** The start of a callback: a run of its own, so that neither its failure nor the end of the run it hangs on touches the other. */
import type { HookNode } from "../define/plan.ts"
import { derivedRun } from "../encode/identity.ts"
import { runIdOf } from "../encode/subjects.ts"
import type { Publication } from "../transport/broker.ts"
import type { Engine } from "./context.ts"
import { stepOf, type Position, type RunFacts } from "./frame.ts"
import { firstMessage } from "./run/starter.ts"
import { failureText, type Verdict } from "./verdict.ts"

/** The process that callbacks count as; no client's name, so that nobody's inbox hears of them. */
const callbackInstance = "callback"

const wants = ({ on }: HookNode, { tag }: Verdict): boolean =>
  on === "success" ? tag === "Succeeded" : tag !== "Succeeded" && tag !== "Cancelled"

/** What starts the callback of a hook, or `undefined` when the outcome is none that it waits for. */
export const callbackOf = async (
  engine: Engine,
  at: Position,
  hook: HookNode,
  verdict: Verdict
): Promise<Publication | undefined> => {
  if (!wants(hook, verdict)) return undefined
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
    ...(run.queues === undefined ? {} : { queues: run.queues })
  }
  const text = hook.on === "success" ? value : failureText(id, verdict, value)
  const parent = `${id}/${verdict.step}`
  const { id: _, ...start } = await firstMessage(
    engine,
    facts,
    hook.callback,
    { text },
    {
      parent,
      again: false,
      crossed: verdict.contract !== undefined
    }
  )
  return start
}
