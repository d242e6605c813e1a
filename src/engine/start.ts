/** Keeps the first message of a composite run as it came, so that the run can be done again from its beginning. */
import {
  parseSubject,
  startFilter,
  startSubject,
  type RunAddress,
  type SubjectParts
} from "../encode/subjects.ts"
import type { Broker } from "../transport/broker.ts"
import { rootFrame, type Position } from "./frame.ts"
import type { Records } from "./records.ts"

/** A run's first message: where it was queued, and its body. */
export interface Start {
  readonly parts: SubjectParts
  readonly body: Uint8Array
}

/** Whether a run begins with this node: nothing of the run was before it. */
export const isStart = ({ frame, index, node }: Position): boolean => {
  if (frame.id !== rootFrame || index !== undefined) return false
  for (let at = frame.plan[node]!; at.role.as !== "root"; at = frame.plan[at.parent]!) {
    const first = at.role.as === "inner" || (at.role.as === "step" && at.role.position === 0)
    if (!first) return false
  }
  return true
}

/** Stores the first message of a run, unless the position is not where it begins. Must be done before the message is acked. */
export const keepStart = async (
  records: Records,
  at: Position,
  parts: SubjectParts,
  body: Uint8Array
): Promise<void> => {
  // A run of one call needs no copy: it has one message, which is there until the run ends or is its dead letter.
  if (at.frame.plan.length === 1 && at.frame.planText === "") return
  if (!isStart(at)) return
  const subject = startSubject(records.namespace, parts)
  await records.broker.publish({ subject, unless: subject, body })
}

/** The first message of a run, while the run's records are there. */
export const findStart = async (
  { broker, namespace }: { readonly broker: Broker; readonly namespace: string },
  address: RunAddress
): Promise<Start | undefined> => {
  const [stored] = await broker.readAll(startFilter(namespace, address))
  const parts = stored === undefined ? undefined : parseSubject(stored.subject)
  return parts === undefined ? undefined : { parts, body: stored!.body }
}
