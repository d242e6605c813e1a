/** Claims a key for a run: whoever stores key and start together has it, everybody else gets that run. */
import { createHash } from "node:crypto"
import type { Json } from "../define/plan.ts"
import type { AnyWorkflow } from "../define/workflow.ts"
import type { KeyMessage } from "../encode/message.ts"
import { isNewer, packMessage, unpackKind, type Parcel } from "../encode/parcel.ts"
import { sameText } from "../plan/same.ts"
import { keySubject, runIdOf, type RunAddress } from "../encode/subjects.ts"
import type { RunFacts } from "../engine/frame.ts"
import type { Records } from "../engine/records.ts"
import { KeyTaken } from "../result/failure.ts"
import type { Publication } from "../transport/broker.ts"
import { standing } from "./standing.ts"

/** A key with what is to be started under it. */
export interface Claim {
  readonly key: string
  readonly hash: string
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
 * started before. A key whose run is no longer kept is free.
 *
 * Rejects with `KeyTaken` when the key holds a run of another workflow.
 */
export const startUnder = async (
  records: Records,
  run: RunFacts,
  claim: Claim,
  start: Publication
): Promise<RunAddress> => {
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
    const { message: holder, slots } = holderIn(held.body, claim.key)
    const other = { ...address, run: holder.run }
    if (holder.run === address.run) return address
    const known = await standing(records, other, holder.keep)
    if (known === "unknown" || known === "expired") {
      await broker.purge(subject, held.sequence)
      continue
    }
    if (holder.hash === claim.hash && slots[0] === JSON.stringify(claim.key)) return other
    throw new KeyTaken({
      key: claim.key,
      run: runIdOf(other),
      message: `the key ${JSON.stringify(claim.key.slice(0, 80))} already holds run ${runIdOf(other)}, which was started with another workflow or another input. Nothing was sent. Attach to that run, wait until its outcome is no longer kept, or choose a key that names this piece of work.`
    })
  }
}

const holderIn = (body: Uint8Array, key: string): Parcel<KeyMessage> => {
  try {
    return unpackKind(body, "key")
  } catch (cause) {
    if (!isNewer(cause)) throw cause
    throw new KeyTaken({
      key,
      run: "",
      message: `the key ${JSON.stringify(key.slice(0, 80))} is held by a run that a newer release of Arpeggio started, and which one cannot be read here (it is ${cause.message}). Nothing was sent. Upgrade this process.`
    })
  }
}
