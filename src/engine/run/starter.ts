/** Turns a plan and its input into the one message that starts a run. What is too large for it is stored before. */
import { numberPlan } from "../../compose/numbering.ts"
import { isHooked } from "../../compose/whole.ts"
import type { PlanNode } from "../../define/plan.ts"
import { normalLevel, systemQueue } from "../../encode/subjects.ts"
import type { Lane, Publication } from "../../transport/broker.ts"
import { scheduleCollection } from "./collector.ts"
import { rootFrame, runPlace, type Frame, type Position, type RunFacts } from "../frame.ts"
import { Frames, hashOf } from "../frames.ts"
import type { Records } from "../records.ts"
import { argumentsOf, bodiesOf, callMessage, expandMessage, messageId } from "../sender.ts"
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
export const firstMessage = async (
  { records }: { readonly records: Records },
  run: RunFacts,
  plan: PlanNode,
  input: Value,
  parent: string | null
): Promise<Ready> => {
  const solo = plan.kind === "call"
  const planText = solo ? "" : JSON.stringify(plan)
  const frame: Frame = {
    run,
    id: rootFrame,
    hash: solo ? "" : hashOf(planText),
    plan: numberPlan(plan),
    planText,
    place: runPlace,
    fence: runPlace,
    scopes: [],
    stored: false
  }
  const start = startOf(frame, input)
  const { node } = frame.plan[start.at.node]!
  const room = Math.min(wholeStart, records.largestInline)
  // Whoever ends the whole run from outside has to find the hook around it.
  if (isHooked(plan) || Buffer.byteLength(planText) + sizeOf(start) > room) {
    await scheduleCollection({ broker: records.broker, records }, run)
    if (!solo) await new Frames(records).store(frame)
  }
  const { subject, message, slots } =
    node.kind === "call"
      ? callMessage(
          records.namespace,
          start.at,
          node,
          await argumentsOf(records, run, node, start.input),
          { parent, again: false },
          solo
        )
      : expandMessage(
          records.namespace,
          start.at,
          await portable(records, run, start.input),
          parent
        )
  return {
    publication: {
      subject,
      unless: records.subject(run.address, runPlace),
      id: messageId(run, "start"),
      ...bodiesOf({ message, slots })
    },
    lane:
      node.kind === "call"
        ? { queue: node.queue, level: normalLevel }
        : { queue: systemQueue, level: systemQueue },
    task: node.kind === "call" ? node.task : node.kind
  }
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

const portable = async (records: Records, run: RunFacts, input: Value): Promise<Value> =>
  "text" in input && !records.fits(input.text) ? records.keepText(run, input.text) : input
