/** Lets a worker know that one of its handlers waits for a run: it holds a slot that the run may need. */
import { isInStep, waitInStep } from "../define/context.ts"
import type { AnyNode } from "../define/plan.ts"
import { queuesIn } from "../engine/index.ts"

/** Tells the step in whose handler this is called, if it is one, until the wait is over; nothing where it is not known what is waited for. */
export const waitingFor = <A>(plan: AnyNode | undefined, wait: Promise<A>): Promise<A> => {
  if (plan === undefined || !isInStep()) return wait
  const leave = waitInStep(() => queuesIn(plan))
  return leave === undefined ? wait : wait.finally(leave)
}
