/** Finds out from a message where in its run it stands. */
import type { CallNode } from "../define/plan.ts"
import type {
  CallMessage,
  CancelMessage,
  CollectMessage,
  ExpandMessage
} from "../encode/message.ts"
import type { RunAddress, SubjectParts } from "../encode/subjects.ts"
import type { Engine } from "../engine/context.ts"
import { keepWithin, rootFrame, soloFrame, stepOf } from "../engine/frame.ts"
import type { Frame, Position, RunFacts } from "../engine/frame.ts"

/** What a message says about its run. The owner comes from the subject, never from the body. */
export const runFactsOf = (
  address: RunAddress,
  message: CallMessage | ExpandMessage | CollectMessage | CancelMessage
): RunFacts => ({
  address: { owner: address.owner, instance: address.instance, run: address.run },
  keep: keepWithin(message.keep),
  ...(message.labels === undefined ? {} : { labels: message.labels }),
  ...(message.deadline === undefined ? {} : { deadline: message.deadline }),
  ...(message.trace === undefined ? {} : { trace: message.trace }),
  ...(message.baggage === undefined ? {} : { baggage: message.baggage })
})

/** The position a message names, or why there is none. */
export const positionOf = async (
  engine: Engine,
  run: RunFacts,
  message: CallMessage | ExpandMessage,
  planText: string | undefined
): Promise<Position | string> => {
  if (message.frame !== undefined && !/^[\w-]{1,32}$/.test(message.frame.id)) {
    return "the name of its plan is none of ours"
  }
  const { node, planHash } = message
  if (message.frame !== undefined && planHash === undefined) {
    return "it does not say the hash of its plan"
  }
  const frame = await frameOf(engine, run, message, planText)
  if (planHash !== undefined && frame.hash !== planHash) {
    return `its plan has the hash ${frame.hash}, the message names ${planHash}`
  }
  if (frame.plan[node] === undefined) return `its plan has no node ${node}`
  const index = message.frame?.index
  const isItem = index !== undefined && index >= 0 && index < (frame.map?.count ?? 0)
  if (index === undefined ? frame.map !== undefined : !isItem) {
    return `its plan has no item ${index === undefined ? "without a number" : index}`
  }
  return { frame, node, ...(index === undefined ? {} : { index }) }
}

/** Why a message is not the call that its plan and its subject say it is; `undefined` when it is. */
export const whyNotCall = (
  at: Position,
  { task, step }: CallMessage,
  parts: SubjectParts
): string | undefined => {
  const { node } = at.frame.plan[at.node]!
  if (node.kind !== "call") return `its plan has a ${node.kind} where the message names a call`
  if (task !== parts.task || task !== node.task) {
    return `it names the task ${task}, its subject ${parts.task}, its plan ${node.task}`
  }
  return step === stepOf(at) ? undefined : `it names the step ${step}, its plan ${stepOf(at)}`
}

/** The frame a message names, from the message itself when it carries the plan. */
const frameOf = async (
  engine: Engine,
  run: RunFacts,
  message: CallMessage | ExpandMessage,
  planText: string | undefined
): Promise<Frame> => {
  if (message.frame === undefined) return soloFrame(run, soloCall(message as CallMessage))
  return planText !== undefined && message.frame.id === rootFrame
    ? (engine.frames.known(run, rootFrame) ?? engine.frames.root(run, planText, false))
    : engine.frames.load(run, message.frame.id)
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
