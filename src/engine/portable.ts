/** The value of an outcome where it can stay for as long as the outcome does: whole where it fits, in parts otherwise. */
import type { Soon } from "../define/awaitable.ts"
import { textOf, type Value } from "./value.ts"
import type { RunFacts } from "./flow/position.ts"
import { type Records, type Told } from "./records.ts"
import { isTooLarge } from "../broker/errors.ts"
import { beyondBounds, type Verdict } from "./verdict.ts"

/** The verdict with its value where it can stay; a value beyond every bound makes it a crash that says so. */
export const portable = async (
  records: Records,
  run: RunFacts,
  offered: Verdict,
  kept: boolean
): Promise<Verdict> => {
  try {
    return { ...offered, ...(await settled(records, run, offered, kept)) }
  } catch (cause) {
    if (!isTooLarge(cause)) throw cause
    return beyondBounds(offered, cause)
  }
}

/** A value that stays as long as its outcome does, with the way it came: whole when it fits, in chunks otherwise. */
const settled = async (
  records: Records,
  run: RunFacts,
  { value, branches }: Told,
  kept: boolean
): Promise<Told> => {
  if (kept && !(stays(value) && (branches === undefined || stays(branches)))) {
    const whole = await records.whole(run.address, withoutUndefined(value, branches))
    const said = whole.branches === undefined ? undefined : textOf(whole.branches)
    return settled(records, run, withoutUndefined({ text: whole.text }, said), true)
  }
  const fits = "reference" in value || records.fits(value.text)
  const there = await (fits ? value : apart(records, run, value, kept))
  if (branches === undefined) return { value: there }
  const beside = "text" in there ? there.text : ""
  const together = "text" in branches && records.fitTogether(beside, branches.text)
  return { value: there, branches: together ? branches : await apart(records, run, branches, kept) }
}

const apart = (records: Records, run: RunFacts, value: Value, kept: boolean): Soon<Value> =>
  "reference" in value ? value : records.keepText(run, value.text, kept)

const withoutUndefined = (value: Value, branches: Value | undefined): Told =>
  branches === undefined ? { value } : { value, branches }

/** Whether a value is there for as long as the outcome of its run. */
const stays = (value: Value): boolean =>
  "text" in value || (value.reference.from === "chunks" && value.reference.kept === true)
