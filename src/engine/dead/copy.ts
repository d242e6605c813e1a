/** Copies records of one run to another: each says which run it belongs to, and none replaces what is there. */
import { kinds } from "../../encode/kinds.ts"
import type { FrameMessage, OutcomeMessage } from "../../encode/message.ts"
import type { Reference } from "../../encode/value-ref.ts"
import { packMessage, unpackKind, type Parcel } from "../../encode/codec.ts"
import {
  frameSubject,
  parseSubject,
  recordSubject,
  runFilter,
  type RunAddress
} from "../../encode/subjects.ts"
import type { Beginner } from "./dead.ts"
import { rootFrame, type Frame, type RunFacts } from "../flow/position.ts"
import { Frames } from "../flow/frame-store.ts"
import type { Records } from "../records.ts"
import { reusable } from "./reuse.ts"

/** How many records are copied at a time. */
const width = 16

/** The inner records of a run. */
export interface Past {
  /** By node and index of their place. */
  readonly outcomes: ReadonlyMap<string, Parcel<OutcomeMessage>>
  readonly plans: ReadonlyMap<string, Parcel<FrameMessage>>
  readonly frames: ReadonlyMap<string, Frame>
}

export const readPast = async (records: Records, run: RunFacts): Promise<Past> => {
  const { broker, namespace } = records
  const outcomes = new Map<string, Parcel<OutcomeMessage>>()
  for (const { subject, body } of await broker.readAll(
    runFilter(namespace, kinds.outcome, run.address)
  )) {
    const { node, index } = parseSubject(subject)!
    outcomes.set(`${node}.${index}`, unpackKind(body, "outcome"))
  }
  const plans = new Map<string, Parcel<FrameMessage>>()
  const filter = frameSubject(namespace, run.address, "*")
  for (const { subject, body } of await broker.readAll(filter)) {
    plans.set(parseSubject(subject)!.node, unpackKind(body, "frame"))
  }
  const frames = new Map((await new Frames(records).all(run)).map((frame) => [frame.id, frame]))
  return { outcomes, plans, frames }
}

/** What one run takes over from another. */
export interface Inheritance {
  readonly from: RunAddress
  readonly to: RunAddress
  readonly past: Past
  /** The message that both begin with. */
  readonly beginner: Beginner
  /** The plan that was dispatched; none for a run of one call. */
  readonly root: Frame | undefined
  /** The steps that are dead letters, which are done again. */
  readonly dead: ReadonlySet<string>
}

/** Copies what a run can take over, with the large values that it refers to; gives the places of the outcomes. */
export const takeOver = async (
  records: Records,
  { from, to, past, beginner, root, dead }: Inheritance
): Promise<ReadonlySet<string>> => {
  const { namespace } = records
  const copies: Array<Copy> = []
  const named: Array<Reference | undefined> = namedBy(beginner)
  let places: ReadonlySet<string> = new Set()
  if (root !== undefined) {
    const verdicts = new Map([...past.outcomes].map(([key, { message }]) => [key, message]))
    const reuse = reusable({ outcomes: verdicts, frames: past.frames, dead }, root)
    places = reuse.places
    for (const key of reuse.places) {
      const { message, slots } = past.outcomes.get(key)!
      const [node, index] = key.split(".") as [string, string]
      named.push(message.value)
      if (typeof message.branches === "object") named.push(message.branches)
      copies.push({
        subject: recordSubject(namespace, kinds.outcome, to, node, index),
        body: () => packMessage({ ...message, run: to.run }, slots)
      })
    }
    for (const id of [rootFrame, ...reuse.frames]) {
      const plan = past.plans.get(id)
      if (plan === undefined) continue
      named.push(plan.message.plan, plan.message.items)
      copies.push({
        subject: frameSubject(namespace, to, id),
        body: () => packMessage({ ...plan.message, run: to.run }, plan.slots)
      })
    }
  }
  for (const reference of named) {
    if (reference?.from !== "chunks") continue
    for (let at = 0; at < reference.count; at++) {
      const of = (address: RunAddress): string =>
        recordSubject(namespace, kinds.value, address, reference.id, String(at))
      const body = async () => (await records.broker.read(of(from)))?.body
      copies.push({ subject: of(to), body })
    }
  }
  await store(records, copies)
  return places
}

interface Copy {
  readonly subject: string
  /** `undefined` when it is gone. */
  readonly body: () => Uint8Array | undefined | Promise<Uint8Array | undefined>
}

const store = async ({ broker }: Records, copies: ReadonlyArray<Copy>): Promise<void> => {
  let next = 0
  const work = async (): Promise<void> => {
    for (let copy = copies[next++]; copy !== undefined; copy = copies[next++]) {
      const { subject } = copy
      const body = await copy.body()
      if (body !== undefined) await broker.publish({ subject, unless: subject, body })
    }
  }
  await Promise.all(Array.from({ length: width }, work))
}

const namedBy = ({ message }: Beginner): Array<Reference | undefined> =>
  message.kind === "call" ? [message.first, message.args] : [message.input]
