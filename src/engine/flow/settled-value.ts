/** An outcome as the value that `settle` gives. */
import { runIdOf } from "../../encode/subjects.ts"
import { isFinal } from "../../broker/errors.ts"
import { settledBranches } from "../value.ts"
import type { Position } from "./position.ts"
import type { Records } from "../records.ts"
import { crashText, outcomeText, type Verdict } from "../verdict.ts"

/** What `settle` makes of an outcome; a crash of its own when it cannot be told whole. */
export const settled = async (
  records: Records,
  at: Position,
  verdict: Verdict
): Promise<Verdict> => {
  const { address } = at.frame.run
  const { decided, branches: _, ...rest } = verdict
  try {
    const { text, branches } = await records.whole(address, verdict)
    return {
      ...rest,
      tag: "Succeeded",
      value: { text: outcomeText(runIdOf(address), verdict, text) },
      ...settledBranches(at, verdict, branches)
    }
  } catch (cause) {
    if (!isFinal(cause)) throw cause
    const value = { text: crashText("ValueTooLarge", cause) }
    return { ...rest, tag: "Crashed", value, ...(decided === undefined ? {} : { decided }) }
  }
}
