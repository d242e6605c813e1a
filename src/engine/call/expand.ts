/** Puts the workflow that a handler has returned in the place of its call. */
import { nothing } from "../value.ts"
import type { Handling } from "./handling.ts"
import { isDecided } from "./recheck.ts"
import { mayBeKnown, type Job } from "./job.ts"
import { otherContract } from "./decide.ts"

/** `stored` is called when the plan is, and before anything of it begins. */
export const expand = async (
  { engine, advancer }: Pick<Handling, "engine" | "advancer">,
  job: Job,
  plan: string,
  stored: () => void
): Promise<void> => {
  const { delivery, at, message } = job
  const again = mayBeKnown(delivery, message)
  const frame = await engine.frames.replace(at, plan, otherContract(engine, job, job.task))
  stored()
  // Another execution may have decided the step, or its scope have closed, before the expansion could be found.
  if (await isDecided(engine, advancer, at)) return delivery.ack()
  await advancer.begin({ frame, node: 0 }, nothing, { parent: message.step, again })
  delivery.ack()
}
