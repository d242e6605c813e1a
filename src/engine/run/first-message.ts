/** Turns a plan and its input into the one message that starts a run. What is too large for it is stored before. */
import type { Soon } from "../../define/awaitable.ts"
import { type AnyNode, type CallNode, isCall } from "../../define/plan.ts"
import { jsonText } from "../../define/json-text.ts"
import { normalLevel, systemQueue } from "../../encode/subjects.ts"
import type { CallMessage, ExpandMessage } from "../../encode/message.ts"
import { numberPlan } from "../../plan/numbering.ts"
import { ruleOf } from "../../plan/table.ts"
import { hasTimes } from "../../plan/timed.ts"
import { isHooked } from "../../plan/whole.ts"
import type { Lane, Publication } from "../../broker/broker.ts"
import { scheduleCleanup } from "./schedule.ts"
import {
  queueOf,
  rootFrame,
  runPlace,
  soloFrame,
  type Frame,
  type Position,
  type RunFacts
} from "../flow/position.ts"
import { Frames, hashOf } from "../flow/frame-store.ts"
import { beginningOf, isExpanded } from "../flow/next-call.ts"
import type { Records } from "../records.ts"
import {
  type Arguments,
  type Beginning as Begins,
  argumentsOf,
  bodyOf,
  callMessage,
  expandMessage,
  messageId,
  saidAgain,
  type Outgoing
} from "../sender.ts"
import { delayOf, expiryOf } from "../send-call.ts"
import { timerPublication } from "../timers.ts"
import type { Value } from "../value.ts"

/** The publication by which a run starts. */
export type FirstMessage = Publication &
  Required<Pick<Publication, "unless" | "bodyAgain">> & {
    /** What is set before: the timer that ends its first call, where nobody begins that in time. */
    readonly before?: Publication
  }

/** What the first step follows from, and whether the start is stored together with others: then it is no timer, and sets none. */
export interface Starting extends Begins {
  readonly together?: true
}

/** Above this size, in bytes, plan and values are stored before the run starts; a timer removes them should the start never follow. */
const wholeStart = 128 * 1024

/** What a run that is dispatched follows from: nothing. */
const dispatched: Starting = { parent: null, again: false }

/** `begins` says what the first step follows from, when it is a callback that hangs on a step. */
export const firstMessage = (
  { records }: { readonly records: Records },
  run: RunFacts,
  plan: AnyNode,
  input: Value,
  begins: Starting = dispatched
): Soon<FirstMessage> => {
  const expands = begins.together === true && isTimedStart(plan)
  const frame = isCall(plan) && !expands ? soloFrame(run, plan) : rootOf(run, plan)
  const start = startOf(frame, input, expands)
  // Whoever ends the whole run from outside has to find the hook around it.
  return !isHooked(plan) && fitsWhole(records, start)
    ? startFrom(records, start, begins)
    : keptBefore(records, run, frame).then(() => startFrom(records, start, begins))
}

/** Whether its first call says when it may begin, or by when it has to. */
const isTimedStart = (plan: AnyNode): boolean => {
  let node = plan
  for (;;) {
    const begins = ruleOf(node).begin(node)
    if (begins.do === "call") return hasTimes(node)
    if (begins.do !== "first" || begins.keeps === true) return false
    node = ruleOf(node).children(node)[0]!.node
  }
}

const keptBefore = async (records: Records, run: RunFacts, frame: Frame): Promise<void> => {
  await scheduleCleanup(records, run)
  if (frame.planText !== "") await new Frames(records).store(frame)
}

const rootOf = (run: RunFacts, plan: AnyNode): Frame => {
  const planText = jsonText(plan)
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

/** Where expansions wait. */
const systemLane: Lane = { queue: systemQueue, level: systemQueue }

/** Where a run begins: with a call and its arguments, or with what is expanded. */
interface Beginning {
  readonly at: Position
  readonly input: Value
  readonly call: CallNode | undefined
  /** What the call was built with, as JSON. */
  readonly args: string
}

/** With the first call when only one thing can begin, so that a chain needs no message but its steps'. */
const startOf = (frame: Frame, given: Value, expands: boolean): Beginning => {
  const begins = beginningOf({ frame, node: 0 }, given)
  const { at, input } = begins
  const call = expands ? undefined : begins.call
  return { at, input, call, args: call === undefined ? "" : jsonText(call.args) }
}

const fitsWhole = (records: Records, { at, input, args }: Beginning): boolean => {
  const { planText } = at.frame
  const given = "text" in input ? input.text : ""
  const room = Math.min(wholeStart, records.largestInline)
  // A character has three bytes at most.
  if ((planText.length + args.length + given.length) * 3 <= room) return true
  return Buffer.byteLength(planText) + Buffer.byteLength(args) + Buffer.byteLength(given) <= room
}

const startFrom = (records: Records, start: Beginning, begins: Begins): Soon<FirstMessage> => {
  const { at, input, call, args } = start
  const { run } = at.frame
  if (call === undefined) {
    return "text" in input && !records.fits(input.text)
      ? records.keepText(run, input.text).then((kept) => expansionStart(records, at, kept, begins))
      : expansionStart(records, at, input, begins)
  }
  const given = argumentsOf(records, run, call, input, args)
  return given instanceof Promise
    ? given.then((given) => callStart(records, start, given, begins))
    : callStart(records, start, given, begins)
}

const callStart = (
  records: Records,
  { at, call }: Beginning,
  given: Arguments,
  begins: Begins
): FirstMessage => {
  const node = call!
  const solo = at.frame.planText === ""
  records.broker.know({ queue: queueOf(at.frame.run, node), level: normalLevel })
  const outgoing = callMessage(records.namespace, at, node, given, begins, solo)
  const first = publicationOf(records, at, outgoing)
  return outgoing.message.times === undefined ? first : timedStart(records, at, first, outgoing)
}

/** The timer that puts the first call on its queue, and the one that ends it, as far as there are such. */
const timedStart = (
  { broker, namespace }: Records,
  { frame: { run } }: Position,
  first: FirstMessage,
  outgoing: Outgoing<CallMessage>
): FirstMessage => {
  const expiry = expiryOf(namespace, run, outgoing)
  const before =
    expiry === undefined ? {} : { before: timerPublication(namespace, run.address, expiry) }
  const delay = delayOf(outgoing)
  if (delay === undefined || delay.time <= broker.now()) return { ...first, ...before }
  const { unless, bodyAgain } = first
  return { ...timerPublication(namespace, run.address, delay), unless, bodyAgain, ...before }
}

const expansionStart = (
  records: Records,
  at: Position,
  input: Value,
  { parent, crossed }: Begins
): FirstMessage => {
  records.broker.know(systemLane)
  return publicationOf(records, at, expandMessage(records.namespace, at, input, parent, crossed))
}

const publicationOf = (
  records: Records,
  { frame: { run } }: Position,
  outgoing: Outgoing<CallMessage | ExpandMessage>
): FirstMessage => ({
  subject: outgoing.subject,
  unless: records.subject(run.address, runPlace),
  id: messageId(run, "start"),
  body: bodyOf(outgoing),
  bodyAgain: saidAgain
})

/** A lane that something of a run waits in, and what that is: a task, or the kind of what is expanded. */
export interface Waited {
  readonly lane: Lane
  readonly what: string
}

const waitedBy = (node: AnyNode): Waited | undefined => {
  if (isCall(node)) {
    return { lane: { queue: node.queue, level: normalLevel }, what: node.task }
  }
  return isExpanded(node) ? { lane: systemLane, what: node.kind } : undefined
}

/** Every lane that something of a plan may wait in, in the order in which it comes to them. */
export const lanesOf = (plan: AnyNode): ReadonlyArray<Waited> => {
  const lanes = new Map<string, Waited>()
  for (const { node } of numberPlan(plan)) {
    const waited = waitedBy(node)
    if (waited !== undefined && !lanes.has(waited.lane.queue)) lanes.set(waited.lane.queue, waited)
  }
  return [...lanes.values()]
}

/** Every queue that a call of a plan waits in. */
export const queuesIn = (plan: AnyNode): ReadonlySet<string> =>
  new Set(lanesOf(plan).flatMap(({ lane }) => (lane === systemLane ? [] : [lane.queue])))
