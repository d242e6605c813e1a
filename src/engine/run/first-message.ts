/**
 * The start of a run: its plan and input as one message, and how that is stored, alone or together with the key that makes
 * it the only one. What is too large for it is stored before.
 */
import type { Soon } from "../../define/awaitable.ts"
import { type AnyNode, type CallNode, isCall, type Json } from "../../define/plan.ts"
import { jsonText } from "../../define/json-text.ts"
import { normalLevel, systemQueue, isKeyed, type RunAddress } from "../../encode/subjects.ts"
import type { CallMessage, ExpandMessage } from "../../encode/message.ts"
import { numberPlan, isHooked } from "../../plan/numbering.ts"
import type { Lane, Publication, Published } from "../../broker/broker.ts"
import { scheduleCleanup, scheduleDeadline, dropDeadline } from "./run-timers.ts"
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
import { beginningOf } from "../call/inline-next.ts"
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
import { type Value, nothing } from "../value.ts"
import type { AnyWorkflow } from "../../define/workflow.ts"
import { type Claim, type KeyHeld, startUnder } from "./idempotency-key.ts"
import { isTimedStart, timedStart } from "./timed-start.ts"

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
export const systemLane: Lane = { queue: systemQueue, level: systemQueue }

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

/** The message by which a run starts. */
export const firstMessageOf = (
  records: Records,
  workflow: AnyWorkflow,
  input: Json | undefined,
  run: RunFacts
): Soon<FirstMessage> => {
  const { plan } = workflow["~arpeggio"]
  const given = input === undefined ? nothing : { text: jsonText(input) }
  // The start of a keyed run is stored together with its key.
  return isKeyed(run.address)
    ? firstMessage({ records }, run, plan, given, { parent: null, again: false, together: true })
    : firstMessage({ records }, run, plan, given)
}

/**
 * Stores the start of a run, and answers with the run that counts: another one, where its key holds that; or with what has taken its key. When it resolves,
 * the work is in the stream. A deadline is stored first, whatever becomes of the start: so that no run is without the one it was given.
 */
export const dispatch = (
  records: Records,
  run: RunFacts,
  start: FirstMessage,
  claim?: Claim
): Promise<RunAddress | KeyHeld> =>
  run.deadline === undefined && claim === undefined && start.before === undefined
    ? publish(records, start).then(() => run.address)
    : dispatchWith(records, run, start, claim)

const dispatchWith = async (
  records: Records,
  run: RunFacts,
  start: FirstMessage,
  claim: Claim | undefined
): Promise<RunAddress | KeyHeld> => {
  const { address, deadline } = run
  if (deadline !== undefined) await scheduleDeadline(records, run, deadline)
  if (start.before !== undefined) await records.broker.publish(start.before)
  if (claim === undefined) {
    await publish(records, start)
    return address
  }
  const holder = await startUnder(records, run, claim, start)
  if (holder !== address) await forgo(records, run)
  return holder
}

/** Stores the start of a run whose id is new. */
const publish = ({ broker }: Records, first: FirstMessage): Promise<Published> => {
  // The id is ours alone, so that nothing can stand against a first try. If a later one is refused because the run has
  // ended, an earlier try was stored, and only its answer was lost.
  // Put together field by field, as every start comes by here: with a rest and a spread it costs its caller microseconds.
  const { subject, id, body, bodyAgain, unless: unlessAgain, fire } = first
  if (id !== undefined) {
    return broker.publish({ subject, id, body, bodyAgain, unlessAgain, begins: "run" })
  }
  const start = { subject, body, bodyAgain, unlessAgain, begins: "run" } as const
  return broker.publish(fire === undefined ? start : { ...start, fire })
}

/** Removes what was stored ahead of a start that was not, and that no timer removes soon. */
const forgo = async (records: Records, run: RunFacts): Promise<void> => {
  if (run.deadline !== undefined) await dropDeadline({ broker: records.broker, records }, run)
}
