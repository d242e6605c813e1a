/** Finds out from a message where in its run it stands. */
import { type CallNode, isCall } from "../../define/plan.ts"
import type {
  CallMessage,
  ExpandMessage,
  ExpireMessage,
  SleepMessage
} from "../../encode/message.ts"
import { onceThere, type Soon } from "../../define/awaitable.ts"
import type { SubjectParts } from "../../encode/subjects.ts"
import type { Context } from "../context.ts"
import { rootFrame, soloFrame, stepOf } from "../flow/position.ts"
import type { Frame, Position, RunFacts } from "../flow/position.ts"

/** A message that names a place in a plan. */
type Placed = CallMessage | ExpandMessage | SleepMessage | ExpireMessage

/** The position a message names, or why there is none. */
export const positionOf = (
  engine: Context,
  run: RunFacts,
  message: Placed,
  planText: string | undefined
): Soon<Position | string> => {
  if (message.frame !== undefined && !/^[\w-]{1,32}$/.test(message.frame.id)) {
    return "the name of its plan is none of ours"
  }
  if (message.frame !== undefined && message.planHash === undefined) {
    return "it does not say the hash of its plan"
  }
  return onceThere(frameOf(engine, run, message, planText), (frame) => positionIn(frame, message))
}

const positionIn = (frame: Frame, message: Placed): Position | string => {
  const { node, planHash } = message
  if (planHash !== undefined && frame.hash !== planHash) {
    return `its plan has the hash ${frame.hash}, the message names ${planHash}`
  }
  if (frame.plan[node] === undefined) return `its plan has no node ${node}`
  const index = message.frame?.index
  if (index === undefined) {
    return frame.map === undefined ? { frame, node } : "its plan has no item without a number"
  }
  const isItem = index >= 0 && index < (frame.map?.count ?? 0)
  return isItem ? { frame, node, index } : `its plan has no item ${index}`
}

/** Why a message is not the call that its plan and its subject say it is; `undefined` when it is. */
export const whyNotCall = (
  at: Position,
  { task, step }: Pick<CallMessage, "task" | "step">,
  parts: Pick<SubjectParts, "task">
): string | undefined => {
  const { node } = at.frame.plan[at.node]!
  if (!isCall(node)) return `its plan has a ${node.kind} where the message names a call`
  if (task !== parts.task || task !== node.task) {
    return `it names the task ${task}, its subject ${parts.task}, its plan ${node.task}`
  }
  return step === stepOf(at) ? undefined : `it names the step ${step}, its plan ${stepOf(at)}`
}

/** The frame a message names, from the message itself when it carries the plan. */
const frameOf = (
  engine: Context,
  run: RunFacts,
  message: Placed,
  planText: string | undefined
): Soon<Frame> => {
  if (message.frame === undefined)
    return soloFrame(run, soloCall(message as CallMessage | ExpireMessage))
  const { id } = message.frame
  const known = engine.frames.known(run, id)
  if (known !== undefined) return known
  return planText !== undefined && id === rootFrame
    ? engine.frames.root(run, planText, false)
    : engine.frames.load(run, id)
}

/** A call that is its whole run. Its arguments stand in the message. */
const soloCall = (message: CallMessage | ExpireMessage): CallNode => ({
  kind: "call",
  task: message.task,
  fingerprint: message.fingerprint,
  args: [],
  partial: false,
  queue: "_",
  ...expiryIn(message)
})

const expiryIn = (message: CallMessage | ExpireMessage): Pick<CallNode, "expires"> => {
  const expires = message.kind === "call" ? message.times?.expires : message.expires
  return expires === undefined ? {} : { expires: { at: expires } }
}
