/** Publishes the message that begins a node: a call on its queue, or an expansion on the system lane. */
import type { CallNode } from "../define/plan.ts"
import { callSubject, normalLevel, systemSubject } from "../encode/subjects.ts"
import { packMessage } from "../encode/parcel.ts"
import type { CallMessage, ExpandMessage } from "../encode/message.ts"
import type { Reference } from "../encode/reference.ts"
import type { Publication } from "../transport/broker.ts"
import { fenceOf, keyOf, scopesOf, stepOf } from "./frame.ts"
import type { Position, RunFacts } from "./frame.ts"
import type { Records } from "./records.ts"
import { joinArguments, type Value } from "./value.ts"

/** How a node begins. */
export interface Beginning {
  /** The step before, or the scope, that it follows from. */
  readonly parent: string | null
  /** Whether somebody may have begun it before. */
  readonly again: boolean
}

/** Plans up to this size, in bytes, travel with every message of their run and need no record. */
export const carriedPlan = 2_048

/** What every message of a run repeats. */
export const commonOf = (run: RunFacts) =>
  ({
    v: 1,
    run: run.address.run,
    keep: run.keep,
    codec: "json",
    ...(run.labels === undefined ? {} : { labels: run.labels }),
    ...(run.deadline === undefined ? {} : { deadline: run.deadline }),
    ...(run.trace === undefined ? {} : { trace: run.trace }),
    ...(run.baggage === undefined ? {} : { baggage: run.baggage })
  }) as const

/** The arguments of a call as its message carries them. */
export interface Arguments {
  readonly slot: string
  readonly first?: Reference
  readonly args?: Reference
}

/** Puts together what arrives and what the call was built with, by reference what is too large to travel. */
export const argumentsOf = async (
  records: Records,
  run: RunFacts,
  node: CallNode,
  input: Value
): Promise<Arguments> => {
  if (node.partial && "reference" in input) {
    return { slot: JSON.stringify(node.args), first: input.reference }
  }
  const slot =
    node.partial && "text" in input
      ? joinArguments(input.text, node.args)
      : JSON.stringify(node.args)
  if (records.fits(slot)) return { slot }
  const kept = await records.keepText(run, slot)
  return "reference" in kept ? { slot: "[]", args: kept.reference } : { slot }
}

/** What a call overrides of its worker's policy. */
const policyOf = ({ timeout, retry }: CallNode): Pick<CallMessage, "policy"> =>
  timeout === undefined && retry === undefined
    ? {}
    : {
        policy: {
          ...(timeout === undefined ? {} : { timeout }),
          ...(retry === undefined ? {} : { retry })
        }
      }

/** A message ready to be stored. */
export interface Outgoing<M> {
  readonly subject: string
  readonly message: M
  readonly slots: ReadonlyArray<string>
}

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
  const { slot, ...references } = given
  const message: CallMessage = {
    ...commonOf(frame.run),
    kind: "call",
    step,
    parent: beginning.parent,
    scopes: scopesOf(at),
    ...(solo ? {} : { frame: keyOf(at), planHash: frame.hash }),
    node: at.node,
    task: node.task,
    fingerprint: node.fingerprint,
    attempt: 1,
    ...(beginning.again ? { again: true } : {}),
    level: normalLevel,
    ...policyOf(node),
    ...(node.headers === undefined ? {} : { headers: node.headers }),
    ...references
  }
  return {
    subject: callSubject(namespace, {
      ...frame.run.address,
      queue: node.queue,
      level: normalLevel,
      task: node.task,
      node: step,
      index: at.index === undefined ? "_" : String(at.index)
    }),
    message,
    slots: solo || frame.stored ? [slot] : [slot, frame.planText]
  }
}

/** The body of a message, and the one that says that it may have been sent before. */
export const bodiesOf = ({
  message,
  slots
}: Pick<Outgoing<CallMessage | ExpandMessage>, "message" | "slots">): Pick<
  Publication,
  "body" | "bodyAgain"
> => ({
  body: packMessage(message, slots),
  bodyAgain: () => packMessage({ ...message, again: true }, slots)
})

/** The id that lets the broker drop a second copy of a step's message. */
export const messageId = (run: RunFacts, step: string): string =>
  `${run.address.owner}.${run.address.instance}.${run.address.run}.${step}`

/** Publishes a call; `false` when its scope has closed. */
export const sendCall = async (
  records: Records,
  at: Position,
  node: CallNode,
  input: Value,
  beginning: Beginning
): Promise<boolean> => {
  const { run } = at.frame
  const given = await argumentsOf(records, run, node, input)
  const { subject, message, slots } = callMessage(records.namespace, at, node, given, beginning)
  const { stored } = await records.broker.publish({
    subject,
    unless: records.subject(run.address, fenceOf(at)),
    id: messageId(run, message.step),
    ...bodiesOf({ message, slots })
  })
  return stored
}

/** The message that begins a run which does not begin with a call. */
export const expandMessage = (
  namespace: string,
  at: Position,
  input: Value,
  parent: string | null
): Outgoing<ExpandMessage> => {
  const { frame } = at
  const message: ExpandMessage = {
    ...commonOf(frame.run),
    kind: "expand",
    frame: keyOf(at),
    node: at.node,
    planHash: frame.hash,
    parent,
    ...("reference" in input ? { input: input.reference } : {})
  }
  return {
    subject: systemSubject(namespace, frame.run.address, stepOf(at)),
    message,
    slots: [...("text" in input ? [input.text] : []), ...(frame.stored ? [] : [frame.planText])]
  }
}
