/** Turns a workflow and its input into the one message that starts a run, and has it stored. */
import { numberPlan } from "../compose/numbering.ts"
import type { Json } from "../define/plan.ts"
import { packMessage } from "../encode/parcel.ts"
import { normalLevel, systemQueue } from "../encode/subjects.ts"
import { rootFrame, runPlace, type Frame, type Position, type RunFacts } from "../engine/frame.ts"
import { Frames, hashOf } from "../engine/frames.ts"
import { scheduleCollection } from "../engine/collector.ts"
import type { Records } from "../engine/records.ts"
import { argumentsOf, callMessage, expandMessage, messageId } from "../engine/sender.ts"
import { nothing, type Value } from "../engine/value.ts"
import type { Lane } from "../transport/broker.ts"
import type { AnyWorkflow } from "../define/workflow.ts"

/** A run that is stored, and where its first call waits. */
export interface Dispatched {
  readonly lane: Lane
  readonly task: string
}

/** Above this size, in bytes, plan and values are stored before the run starts; a timer removes them should the start never follow. */
const wholeStart = 128 * 1024

/** Stores the start of a run; when it resolves, the work is in the stream. */
export const dispatch = async (
  records: Records,
  workflow: AnyWorkflow,
  input: Json | undefined,
  run: RunFacts
): Promise<Dispatched> => {
  const { plan } = workflow["~arpeggio"]
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
  const start = startOf(frame, input === undefined ? nothing : { text: JSON.stringify(input) })
  const { node } = frame.plan[start.at.node]!
  const large =
    Buffer.byteLength(planText) + sizeOf(start) > Math.min(wholeStart, records.largestInline)
  if (large) {
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
          { parent: null, again: false },
          solo
        )
      : expandMessage(records.namespace, start.at, await portable(records, run, start.input))
  // Refused means that the run has ended: its id is ours alone, so an earlier try was stored, and only its answer was lost.
  await records.broker.publish({
    subject,
    unless: records.subject(run.address, runPlace),
    id: messageId(run, "start"),
    body: packMessage(message, slots)
  })
  return {
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
