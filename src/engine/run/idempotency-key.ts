/** Claims a key for a run: whoever stores key and start together has it, everybody else gets that run. */
import { createHash } from "node:crypto"
import type { Json } from "../../define/plan.ts"
import type { AnyWorkflow } from "../../define/workflow.ts"
import type { KeyMessage } from "../../encode/message.ts"
import { isNewer, packMessage, unpackKind, Unreadable, type Parcel } from "../../encode/codec.ts"
import { sameText } from "../../plan/same.ts"
import { keySubject, type RunAddress } from "../../encode/subjects.ts"
import type { Publication } from "../../broker/broker.ts"
import type { RunFacts } from "../flow/position.ts"
import type { Records } from "../records.ts"
import { standing } from "./status.ts"

/** A key with what is to be started under it. */
export interface Claim {
  readonly key: string
  readonly hash: string
}

/** A key that holds a run of another workflow, or, where it is not known which, one of a newer release. */
export interface KeyHeld {
  readonly holder: RunAddress | undefined
  /** What a newer release has written. */
  readonly newer?: string
  /** Why it cannot be read how that run has ended. */
  readonly unreadable?: Unreadable
}

/** What is claimed by whoever starts this workflow with this input, as it is encoded. */
export const claimOf = (key: string, workflow: AnyWorkflow, input: Json | undefined): Claim => {
  const { plan, tasks } = workflow["~arpeggio"]
  const hash = createHash("sha256")
    .update(sameText(plan, tasks, input))
    .digest("base64url")
  return { key, hash: hash.slice(0, 22) }
}

/**
 * Stores the start of a run under its key, and answers with the run that the key holds: this one, or the one that was
 * started before; or with what has taken it. A key whose run is no longer kept is free.
 */
export const startUnder = async (
  records: Records,
  run: RunFacts,
  claim: Claim,
  start: Publication
): Promise<RunAddress | KeyHeld> => {
  const { broker, namespace } = records
  const { address } = run
  const subject = keySubject(namespace, address)
  const message: KeyMessage = {
    v: 1,
    kind: "key",
    run: address.run,
    hash: claim.hash,
    keep: run.keep
  }
  const key = { subject, unless: subject, body: packMessage(message, [JSON.stringify(claim.key)]) }
  // An id in a batch is refused when it is repeated, and the key does its work.
  const { id: _, ...first } = start
  for (;;) {
    const { stored } = await broker.publishTogether([key, first])
    if (stored) return address
    const held = await broker.read(subject)
    if (held === undefined) continue
    const found = holderIn(held.body)
    if ("holder" in found) return found
    const { run, hash, keep } = found.message
    if (run === address.run) return address
    const other = { ...address, run }
    const known = await standing(records, other, keep).catch(unreadableIn)
    if (known instanceof Unreadable) return { holder: other, unreadable: known }
    if (known === "unknown" || known === "forgotten") {
      await broker.purge(subject, held.sequence)
      continue
    }
    const isSame = hash === claim.hash && found.slots[0] === JSON.stringify(claim.key)
    return isSame ? other : { holder: other }
  }
}

/**
 * The run that this key holds, whatever was started with it; `undefined` where there is none whose outcome is kept. `place` says
 * whose key it is.
 */
export const heldBy = async (
  records: Records,
  place: Pick<RunAddress, "owner" | "instance">,
  key: string
): Promise<RunAddress | KeyHeld | undefined> => {
  const held = await records.broker.read(keySubject(records.namespace, { ...place, run: "" }))
  if (held === undefined) return undefined
  const found = holderIn(held.body)
  if ("holder" in found) return found
  if (found.slots[0] !== JSON.stringify(key)) return undefined
  const { run, keep } = found.message
  const address = { ...place, run }
  const known = await standing(records, address, keep).catch(unreadableIn)
  return known === "unknown" || known === "forgotten" ? undefined : address
}

const unreadableIn = (cause: unknown): Unreadable => {
  if (cause instanceof Unreadable) return cause
  throw cause
}

const holderIn = (body: Uint8Array): Parcel<KeyMessage> | KeyHeld => {
  try {
    return unpackKind(body, "key")
  } catch (cause) {
    if (!isNewer(cause)) throw cause
    return { holder: undefined, newer: cause.message }
  }
}
