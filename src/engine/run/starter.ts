/** Turns a plan and its input into the one message that starts a run. What is too large for it is stored before. */
import { numberPlan } from "../../compose/numbering.ts"
import { isHooked } from "../../compose/whole.ts"
import type { PlanNode } from "../../define/plan.ts"
import { normalLevel, systemQueue } from "../../encode/subjects.ts"
import type { CallMessage, ExpandMessage } from "../../encode/message.ts"
import type { Lane, Publication } from "../../transport/broker.ts"
import { scheduleCollection } from "./collector.ts"
import {
  rootFrame,
  runPlace,
  soloFrame,
  type Frame,
  type Position,
  type RunFacts
} from "../frame.ts"
import { Frames, hashOf } from "../frames.ts"
import type { Records } from "../records.ts"
import {
  type Arguments,
  argumentsOf,
  bodiesOf,
  callMessage,
  expandMessage,
  messageId,
  type Outgoing
} from "../sender.ts"
import { nothing, type Value } from "../value.ts"

/** A start that is ready to be stored, and where it will wait. */
export interface Ready {
  readonly publication: Publication
  readonly lane: Lane
  /** Of the first call, or the kind of what begins. */
  readonly task: string
}

/** Above this size, in bytes, plan and values are stored before the run starts; a timer removes them should the start never follow. */
const wholeStart = 128 * 1024

/** `parent` is what the first step follows from: `null`, or the step that a callback hangs on. */
export const firstMessage = (
  { records }: { readonly records: Records },
  run: RunFacts,
  plan: PlanNode,
  input: Value,
  parent: string | null
): Ready | Promise<Ready> => {
  const frame = plan.kind === "call" ? soloFrame(run, plan) : rootOf(run, plan)
  const start = startOf(frame, input)
  const room = Math.min(wholeStart, records.largestInline)
  // Whoever ends the whole run from outside has to find the hook around it.
  const whole = !isHooked(plan) && Buffer.byteLength(frame.planText) + sizeOf(start) <= room
  return whole
    ? readyOf(records, frame, start, parent)
    : keptBefore(records, run, frame).then(() => readyOf(records, frame, start, parent))
}

const keptBefore = async (records: Records, run: RunFacts, frame: Frame): Promise<void> => {
  await scheduleCollection({ broker: records.broker, records }, run)
  if (frame.planText !== "") await new Frames(records).store(frame)
}

const rootOf = (run: RunFacts, plan: PlanNode): Frame => {
  const planText = JSON.stringify(plan)
  return {
    run,
    id: rootFrame,
    hash: hashOf(planText),
    plan: numberPlan(plan),
    planText,
    place: runPlace,
    fence: runPlace,
    scopes: [],
    stored: false
  }
}

const readyOf = (
  records: Records,
  frame: Frame,
  { at, input }: Start,
  parent: string | null
): Ready | Promise<Ready> => {
  const { run } = frame
  const { node } = frame.plan[at.node]!
  const ready = (outgoing: Outgoing<CallMessage | ExpandMessage>, lane: Lane, task: string) => ({
    publication: {
      subject: outgoing.subject,
      unless: records.subject(run.address, runPlace),
      id: messageId(run, "start"),
      ...bodiesOf(outgoing)
    },
    lane,
    task
  })
  if (node.kind !== "call") {
    const lane = { queue: systemQueue, level: systemQueue }
    const ask = (input: Value): Ready =>
      ready(expandMessage(records.namespace, at, input, parent), lane, node.kind)
    return "text" in input && !records.fits(input.text)
      ? records.keepText(run, input.text).then(ask)
      : ask(input)
  }
  const solo = frame.planText === ""
  const call = (given: Arguments): Ready =>
    ready(
      callMessage(records.namespace, at, node, given, { parent, again: false }, solo),
      { queue: node.queue, level: normalLevel },
      node.task
    )
  const given = argumentsOf(records, run, node, input)
  return given instanceof Promise ? given.then(call) : call(given)
}

interface Start {
  readonly at: Position
  readonly input: Value
}

/** Down to the first call when only one thing can begin, so that a chain needs no message but its steps'. */
const startOf = (frame: Frame, given: Value): Start => {
  let at = frame.plan[0]!
  let input = given
  for (;;) {
    const { kind } = at.node
    if (kind === "call" || kind === "group" || kind === "map") {
      return { at: { frame, node: at.number }, input }
    }
    if (kind === "ignore") input = nothing
    at = frame.plan[at.children[0]!]!
  }
}

const sizeOf = ({ at, input }: Start): number => {
  const { node } = at.frame.plan[at.node]!
  const given = node.kind === "call" ? Buffer.byteLength(JSON.stringify(node.args)) : 0
  return given + ("text" in input ? Buffer.byteLength(input.text) : 0)
}
