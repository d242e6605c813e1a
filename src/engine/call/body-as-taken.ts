/** A queued message's body as the broker takes it now, for who knows no more of it than its subject. */
import { isAddress, parseSubject } from "../../encode/subjects.ts"
import type { Records } from "../records.ts"
import { resized } from "../room/resized.ts"
import { runFactsOf } from "./job.ts"

/** Of what cannot be read, the body as it is. */
export const asTaken = (records: Records, subject: string, body: Uint8Array): Promise<Uint8Array> =>
  resized(records, body, (message) => {
    const parts = parseSubject(subject)
    return parts !== undefined && isAddress(parts) ? runFactsOf(parts, message) : undefined
  })
