/** Finds the run that a key holds. */
import { ContractError } from "../define/errors.ts"
import { type Names, refuseUnknown } from "../define/known.ts"
import { startSettingsOf } from "../define/start.ts"
import { instanceOfKey, type RunAddress } from "../encode/subjects.ts"
import { heldBy, type Records } from "../engine/index.ts"
import type { FindQuery } from "../result/run.ts"
import { bounded, recordsUntil } from "./bounded.ts"
import { waitNames } from "./given.ts"
import { keyTaken } from "./not-started.ts"

const names: Names<FindQuery> = { key: true, ...waitNames }

/** What only JavaScript and an `any` can hand over. */
const whyNoQuery = (query: unknown): string | undefined => {
  if (typeof query !== "object" || query === null || !("key" in query)) {
    return "find takes the key of a run: find({ key })"
  }
  const settings = startSettingsOf({ key: query.key as string })
  return typeof settings === "string" ? settings : undefined
}

/** The run that was started with this key by this owner, as long as it is kept. */
export const runUnder = async (
  records: Records,
  owner: string,
  query: FindQuery
): Promise<RunAddress | undefined> => {
  const wrong = whyNoQuery(query)
  if (wrong !== undefined) throw new ContractError({ task: "", message: wrong })
  refuseUnknown("find", query, names)
  const { key, ...options } = query
  const held = await bounded(records.broker, options, (signal) =>
    heldBy(recordsUntil(records, signal), { owner, instance: instanceOfKey(key) }, key)
  )
  if (held !== undefined && "holder" in held) throw keyTaken(key, held)
  return held
}
