/** Finds out from a message where in its run it stands. */
import type { CallNode } from "../define/plan.ts"
import type {
  CallMessage,
  CancelMessage,
  CollectMessage,
  ExpandMessage
} from "../encode/message.ts"
import type { RunAddress } from "../encode/subjects.ts"
import type { Engine } from "../engine/context.ts"
import { rootFrame, type Frame, type RunFacts } from "../engine/frame.ts"

/** What a message says about its run. The owner comes from the subject, never from the body. */
export const runFactsOf = (
  address: RunAddress,
  message: CallMessage | ExpandMessage | CollectMessage | CancelMessage
): RunFacts => ({
  address: { owner: address.owner, instance: address.instance, run: address.run },
  keep: message.keep,
  ...(message.labels === undefined ? {} : { labels: message.labels }),
  ...(message.deadline === undefined ? {} : { deadline: message.deadline }),
  ...(message.trace === undefined ? {} : { trace: message.trace }),
  ...(message.baggage === undefined ? {} : { baggage: message.baggage })
})

/** The frame a message names, from the message itself when it carries the plan; or why it cannot be used. */
export const frameOf = async (
  engine: Engine,
  run: RunFacts,
  message: CallMessage | ExpandMessage,
  planText: string | undefined
): Promise<Frame | string> => {
  if (message.frame === undefined) return engine.frames.solo(run, soloCall(message as CallMessage))
  const frame =
    planText !== undefined && message.frame.id === rootFrame
      ? (engine.frames.known(run, rootFrame) ?? engine.frames.root(run, planText, false))
      : await engine.frames.load(run, message.frame.id)
  if (message.planHash !== undefined && frame.hash !== message.planHash) {
    return `its plan has the hash ${frame.hash}, the message names ${message.planHash}`
  }
  return frame.plan[message.node] === undefined ? `its plan has no node ${message.node}` : frame
}

/** A call that is its whole run. Its arguments stand in the message. */
const soloCall = (message: CallMessage): CallNode => ({
  kind: "call",
  task: message.task,
  fingerprint: message.fingerprint,
  args: [],
  partial: false,
  queue: "_"
})
