/** Ends a run that cannot go on, whatever of it is under way. */
import type { Decided } from "../../encode/message.ts"
import { endFromOutside } from "./cancel.ts"
import type { Context } from "../context.ts"
import type { RunFacts } from "../flow/position.ts"
import { crashText } from "../verdict.ts"

/** Commits a crash as the outcome of the run, unless it has one. */
export const breakOff = (
  engine: Context,
  run: RunFacts,
  why: string,
  at: Pick<Decided, "step" | "task">
): Promise<void> =>
  endFromOutside(engine, run, {
    tag: "Crashed",
    value: { text: crashText("CannotContinue", why) },
    step: at.step,
    decided: { ...at, attempt: 1, place: "" }
  })
