/** Publishes the message that begins a node: a call on its queue, or an expansion on the system lane. */
import type { CallNode } from "../define/plan.ts"
import { jsonText } from "../define/json-text.ts"
import { callSubject, normalLevel, systemSubject } from "../encode/subjects.ts"
import { packMessage, unpackMessage, Unreadable } from "../encode/codec.ts"
import type { CallMessage, ExpandMessage } from "../encode/message.ts"
import type { OtherContract, Reference } from "../encode/value-ref.ts"
import { keyOf, queueOf, scopesOf, stepOf } from "./flow/position.ts"
import type { Position, RunFacts } from "./flow/position.ts"
import { momentsOf } from "./call/times.ts"
import type { Records } from "./records.ts"
import { joinArguments, type Value } from "./value.ts"
import type { Verdict } from "./verdict.ts"

/** How a node begins. */
export interface Beginning {
  /** The step before, or the scope, that it follows from. */
  readonly parent: string | null
  /** Whether somebody may have begun it before. */
  readonly again: boolean
  /** Whether what it is given comes from another version of a contract than the plan was built with. */
  readonly crossed?: boolean
  /** That version, where it is known. */
  readonly contract?: OtherContract
  /** Whether it is one of many that begin together: with little room they wait for those that are under way. */
  readonly member?: boolean
  /** When what it follows from has ended: from there its times are counted. Epoch milliseconds, broker clock. */
  readonly from?: number
  /** Which way the value came that it is given: for what gives it on as it is. */
  readonly branches?: Value
}

/** How what follows an outcome begins. */
export const behind = ({ step, ended, contract, branches }: Verdict, again: boolean): Beginning => {
  const beginning: Writable<Beginning> = { parent: step, again, from: ended }
  if (branches !== undefined) beginning.branches = branches
  if (contract === undefined) return beginning
  return { ...beginning, crossed: true, contract }
}

/** Plans up to this size, in bytes, travel with every message of their run and need no record. */
export const carriedPlan = 2_048

type Common = Pick<
  CallMessage,
  | "v"
  | "run"
  | "keep"
  | "codec"
  | "labels"
  | "deadline"
  | "trace"
  | "baggage"
  | "queues"
  | "scheduled"
>

/** What every message of a run repeats. */
export const commonOf = (run: RunFacts): Common =>
  withFacts(run, { v: 1, run: run.address.run, keep: run.keep, codec: "json" })

/** Adds what only some runs have. */
const withFacts = <M extends Common>(run: RunFacts, message: M): M => {
  const { labels, deadline, trace, baggage, queues, scheduled } = run
  const common: Writable<Common> = message
  if (labels !== undefined) common.labels = labels
  if (deadline !== undefined) common.deadline = deadline
  if (trace !== undefined) common.trace = trace
  if (baggage !== undefined) common.baggage = baggage
  if (queues !== undefined) common.queues = queues
  if (scheduled !== undefined) common.scheduled = scheduled
  return message
}

type Writable<T> = { -readonly [name in keyof T]: T[name] }

/** The arguments of a call as its message carries them. */
export interface Arguments {
  readonly slot: string
  readonly first?: Reference
  readonly open?: number
  readonly args?: Reference
}

/** Puts together what arrives and what the call was built with, by reference what is too large to travel. */
export const argumentsOf = (
  records: Records,
  run: RunFacts,
  node: CallNode,
  input: Value,
  args: string = jsonText(node.args)
): Arguments | Promise<Arguments> => {
  const { open } = node
  if (node.partial && "reference" in input) {
    return records.fits(args)
      ? { slot: args, first: input.reference, ...(open === undefined ? {} : { open }) }
      : // Where neither can travel, they are kept as one.
        records
          .resolve(run.address, input)
          .then((arriving) => keptArguments(records, run, joinArguments(arriving, args, open)))
  }
  const slot = node.partial && "text" in input ? joinArguments(input.text, args, open) : args
  return records.fits(slot) ? { slot } : keptArguments(records, run, slot)
}

const keptArguments = async (records: Records, run: RunFacts, slot: string): Promise<Arguments> => {
  const kept = await records.keepText(run, slot)
  return { slot: "[]", args: kept.reference }
}

/** A message ready to be stored. */
export interface Outgoing<M> {
  readonly subject: string
  readonly message: M
  readonly slots: ReadonlyArray<string>
}

/** Where the message of a call is stored. */
export const subjectOf = (
  namespace: string,
  at: Position,
  node: CallNode,
  step: string = stepOf(at)
): string =>
  callSubject(namespace, at.frame.run.address, {
    queue: queueOf(at.frame.run, node),
    level: normalLevel,
    task: node.task,
    node: step,
    index: at.index === undefined ? "_" : String(at.index)
  })

/** The message of a call. `solo` calls are their whole run and name no frame. */
export const callMessage = (
  namespace: string,
  at: Position,
  node: CallNode,
  given: Arguments,
  beginning: Beginning,
  solo = false
): Outgoing<CallMessage> => {
  const { frame } = at
  const step = stepOf(at)
  const scopes = scopesOf(at)
  const key = solo ? undefined : keyOf(at)
  const message: Writable<CallMessage> = withFacts(frame.run, {
    v: 1,
    run: frame.run.address.run,
    keep: frame.run.keep,
    codec: "json",
    kind: "call",
    step,
    parent: beginning.parent,
    scopes,
    node: at.node,
    task: node.task,
    fingerprint: node.fingerprint,
    attempt: 1,
    level: normalLevel
  })
  if (key !== undefined) {
    message.frame = key
    message.planHash = frame.hash
  }
  if (beginning.again) message.again = true
  // What the call was built with is of its own version.
  if (beginning.crossed === true && node.partial) message.crossed = true
  if (node.timeout !== undefined || node.retry !== undefined) {
    // What a call overrides of its worker's policy.
    message.policy = {
      ...(node.timeout === undefined ? {} : { timeout: node.timeout }),
      ...(node.retry === undefined ? {} : { retry: node.retry })
    }
  }
  if (node.headers !== undefined) message.headers = node.headers
  // Most calls say nothing of time.
  const says = node.delay ?? node.eta ?? node.expires
  const times = says === undefined ? undefined : momentsOf(node, frame, beginning.from)
  if (times !== undefined) message.times = times
  if (given.first !== undefined) message.first = given.first
  if (given.open !== undefined) message.open = given.open
  if (given.args !== undefined) message.args = given.args
  return {
    subject: subjectOf(namespace, at, node, step),
    message,
    slots: solo || frame.stored ? [given.slot] : [given.slot, frame.planText]
  }
}

/** The body of a message. */
export const bodyOf = ({ message, slots }: Outgoing<CallMessage | ExpandMessage>): Uint8Array =>
  packMessage(message, slots)

/** The same message, saying that it may have been sent before. What cannot be read stays as it is. */
export const saidAgain = (body: Uint8Array): Uint8Array => {
  const parcel = unpackMessage(body)
  if (parcel instanceof Unreadable) return body
  const { message, slots } = parcel
  const says = message.kind === "call" || message.kind === "expand"
  return says ? packMessage({ ...message, again: true }, slots) : body
}

/** The id that lets the broker drop a second copy of a step's message. */
export const messageId = ({ address }: RunFacts, step: string): string =>
  `${address.owner}.${address.run}.${step}`

/** The message that begins a run which does not begin with a call. */
export const expandMessage = (
  namespace: string,
  at: Position,
  input: Value,
  parent: string | null,
  crossed = false
): Outgoing<ExpandMessage> => {
  const { frame } = at
  const message: ExpandMessage = {
    ...commonOf(frame.run),
    kind: "expand",
    frame: keyOf(at),
    node: at.node,
    planHash: frame.hash,
    parent,
    ...("reference" in input ? { input: input.reference } : {}),
    ...(crossed ? { crossed } : {})
  }
  return {
    subject: systemSubject(namespace, frame.run.address, stepOf(at)),
    message,
    slots: [...("text" in input ? [input.text] : []), ...(frame.stored ? [] : [frame.planText])]
  }
}
